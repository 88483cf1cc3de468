//! The sequences in which things are said between a business and whoever texts it.

use super::random::Random;

/// One thing said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Say {
    /// Asks for a repair.
    Open,
    /// Asks for help now.
    Urgent,
    /// Asks for a quote.
    OpenQuote,
    /// Answers the office's question.
    Answer,
    /// Sends a picture.
    Picture,
    /// Takes the offered time.
    Accept,
    /// Cannot make the offered time.
    CantMake,
    /// Says ok.
    Ok,
    /// Says the same once more, a second later.
    Repeat,
    /// Tells how to get in.
    Access,
    /// Is waiting.
    SeeYou,
    /// Thanks.
    Thanks,
    /// Has paid.
    Paid,
    /// Takes the quote.
    GoAhead,
    /// Does not take the quote.
    Decline,
    /// Asks about the quote.
    QuoteQuestion,
    /// Asks about the bill.
    BillQuestion,
    /// It is broken again.
    Again,
    /// Wants the yearly service.
    TuneUpYes,
    /// Does not want it now.
    TuneUpLater,
    /// Answers the reminder.
    MadeIt,
    /// A manager reports a trouble of a tenant.
    Tenant,
    /// Meant somebody else.
    WrongNumber,
    /// Wants to sell something.
    Pitch,
    /// Is new and was sent by somebody.
    Referred,
    /// Answers a missed call.
    MissedCall,
    /// Asks for details.
    Ask,
    /// Offers a time.
    Offer,
    /// Confirms the time.
    Confirm,
    /// Offers another time.
    OfferOther,
    /// Reminds of the visit.
    Reminder,
    /// Is on the way.
    OnMyWay,
    /// Is late.
    Late,
    /// Tells what was done.
    Done,
    /// Sends the invoice.
    Invoice,
    /// Reminds of the invoice.
    Overdue,
    /// Asks for a review.
    Review,
    /// Sends the quote.
    Estimate,
    /// Explains the quote.
    QuoteAnswer,
    /// Explains the bill.
    BillAnswer,
    /// Is sorry and comes back.
    Sorry,
    /// Tells how to stop the water.
    Shutoff,
    /// Sends somebody now.
    Dispatch,
    /// Offers the yearly service.
    TuneUpNudge,
    /// You are welcome.
    Welcome,
    /// Asks for the deposit.
    Deposit,
    /// The parts are in.
    Parts,
    /// Wrong number indeed.
    NotUs,
    /// A short code announces an inspection.
    InspectionNotice,
    /// A short code tells how an inspection went.
    InspectionResult,
    /// The office confirms it.
    InspectionReply,
    /// A short code tells that an order is ready.
    PickupNotice,
}

/// Who says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The other side.
    Customer,
    /// The business.
    Office,
    /// A short code.
    Robot,
}

/// When a thing is said, as seen from the one before or from the visit.
#[derive(Debug, Clone, Copy)]
pub enum When {
    /// Between so and so many seconds later.
    Soon(i64, i64),
    /// In the afternoon before the visit; left out when that is past.
    DayBefore,
    /// As the van leaves for the visit.
    OnTheWay,
    /// When the visit is over.
    AfterVisit,
    /// So many days later, in office hours.
    Days(i64, i64),
    /// So many days after the visit, in office hours.
    DaysAfterVisit(i64, i64),
}

/// A thing to say, how often it is (in percent), and when.
pub type Beat = (Say, u32, When);

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;

const REPAIR: &[Beat] = &[
    (Say::Open, 100, When::Soon(0, 0)),
    (Say::Picture, 14, When::Soon(20, 120)),
    (Say::Ask, 55, When::Soon(3 * MINUTE, 70 * MINUTE)),
    (Say::Answer, 88, When::Soon(MINUTE, 40 * MINUTE)),
    (Say::Offer, 96, When::Soon(2 * MINUTE, 30 * MINUTE)),
    (Say::Accept, 84, When::Soon(MINUTE, 90 * MINUTE)),
    (Say::Ok, 2, When::Soon(MINUTE, 9 * MINUTE)),
    (Say::Repeat, 8, When::Soon(1, 1)),
    (Say::Confirm, 80, When::Soon(MINUTE, 20 * MINUTE)),
    (Say::Access, 24, When::Soon(MINUTE, 60 * MINUTE)),
    (Say::Reminder, 60, When::DayBefore),
    (Say::MadeIt, 16, When::Soon(MINUTE, 50 * MINUTE)),
    (Say::OnMyWay, 90, When::OnTheWay),
    (Say::SeeYou, 35, When::Soon(20, 10 * MINUTE)),
    (Say::Late, 7, When::Soon(5 * MINUTE, 15 * MINUTE)),
    (Say::Done, 55, When::AfterVisit),
    (Say::Invoice, 78, When::Soon(10 * MINUTE, 5 * HOUR)),
    (Say::Paid, 34, When::Soon(10 * MINUTE, 20 * HOUR)),
    (Say::Thanks, 45, When::Soon(2 * MINUTE, 3 * HOUR)),
    (Say::Welcome, 35, When::Soon(MINUTE, 40 * MINUTE)),
    (Say::Review, 30, When::Days(1, 3)),
];
const REBOOKED: &[Beat] = &[
    (Say::Open, 100, When::Soon(0, 0)),
    (Say::Offer, 100, When::Soon(2 * MINUTE, 50 * MINUTE)),
    (Say::CantMake, 100, When::Soon(2 * MINUTE, 3 * HOUR)),
    (Say::OfferOther, 100, When::Soon(2 * MINUTE, 40 * MINUTE)),
    (Say::Ok, 90, When::Soon(MINUTE, HOUR)),
    (Say::Repeat, 8, When::Soon(1, 1)),
    (Say::Reminder, 70, When::DayBefore),
    (Say::OnMyWay, 90, When::OnTheWay),
    (Say::Done, 60, When::AfterVisit),
    (Say::Invoice, 90, When::Soon(10 * MINUTE, 5 * HOUR)),
    (Say::Thanks, 60, When::Soon(2 * MINUTE, 3 * HOUR)),
];
const EMERGENCY: &[Beat] = &[
    (Say::Urgent, 100, When::Soon(0, 0)),
    (Say::Picture, 40, When::Soon(15, 90)),
    (Say::Shutoff, 95, When::Soon(40, 6 * MINUTE)),
    (Say::Ok, 60, When::Soon(30, 4 * MINUTE)),
    (Say::Repeat, 8, When::Soon(1, 1)),
    (Say::Dispatch, 100, When::Soon(MINUTE, 8 * MINUTE)),
    (Say::Access, 50, When::Soon(30, 5 * MINUTE)),
    (Say::OnMyWay, 60, When::Soon(5 * MINUTE, 30 * MINUTE)),
    (Say::SeeYou, 50, When::Soon(20, 3 * MINUTE)),
    (Say::Done, 80, When::Soon(HOUR, 3 * HOUR)),
    (Say::Thanks, 90, When::Soon(2 * MINUTE, HOUR)),
    (Say::Invoice, 90, When::Days(1, 1)),
    (Say::Paid, 50, When::Soon(10 * MINUTE, 20 * HOUR)),
    (Say::Review, 40, When::Days(1, 3)),
];
const QUOTE: &[Beat] = &[
    (Say::OpenQuote, 100, When::Soon(0, 0)),
    (Say::Ask, 50, When::Soon(4 * MINUTE, 90 * MINUTE)),
    (Say::Answer, 100, When::Soon(MINUTE, HOUR)),
    (Say::Offer, 90, When::Soon(2 * MINUTE, HOUR)),
    (Say::Accept, 95, When::Soon(MINUTE, 2 * HOUR)),
    (Say::OnMyWay, 80, When::OnTheWay),
    (Say::Estimate, 100, When::DaysAfterVisit(1, 2)),
    (Say::QuoteQuestion, 55, When::Soon(HOUR, 20 * HOUR)),
    (Say::QuoteAnswer, 100, When::Soon(5 * MINUTE, 2 * HOUR)),
    (Say::GoAhead, 100, When::Days(0, 3)),
    (Say::Deposit, 100, When::Soon(5 * MINUTE, HOUR)),
    (Say::Parts, 100, When::Days(2, 8)),
    (Say::Ok, 60, When::Soon(MINUTE, HOUR)),
    (Say::Repeat, 8, When::Soon(1, 1)),
    (Say::Done, 60, When::Days(2, 6)),
    (Say::Thanks, 60, When::Soon(5 * MINUTE, 3 * HOUR)),
];
const DECLINED: &[Beat] = &[
    (Say::OpenQuote, 100, When::Soon(0, 0)),
    (Say::Offer, 100, When::Soon(2 * MINUTE, HOUR)),
    (Say::Accept, 95, When::Soon(MINUTE, 2 * HOUR)),
    (Say::OnMyWay, 80, When::OnTheWay),
    (Say::Estimate, 100, When::DaysAfterVisit(1, 2)),
    (Say::Decline, 90, When::Days(1, 3)),
    (Say::Welcome, 50, When::Soon(2 * MINUTE, HOUR)),
];
const TUNE_UP: &[Beat] = &[
    (Say::TuneUpNudge, 100, When::Soon(0, 0)),
    (Say::TuneUpYes, 75, When::Soon(2 * MINUTE, 9 * HOUR)),
    (Say::Offer, 100, When::Soon(2 * MINUTE, HOUR)),
    (Say::Accept, 100, When::Soon(MINUTE, 3 * HOUR)),
    (Say::Reminder, 80, When::DayBefore),
    (Say::OnMyWay, 80, When::OnTheWay),
    (Say::Done, 70, When::AfterVisit),
    (Say::Invoice, 60, When::Soon(10 * MINUTE, 5 * HOUR)),
    (Say::Thanks, 30, When::Soon(2 * MINUTE, 3 * HOUR)),
];
const CALLBACK: &[Beat] = &[
    (Say::Again, 100, When::Soon(0, 0)),
    (Say::Sorry, 100, When::Soon(2 * MINUTE, 40 * MINUTE)),
    (Say::Accept, 90, When::Soon(MINUTE, 40 * MINUTE)),
    (Say::OnMyWay, 90, When::OnTheWay),
    (Say::Done, 80, When::AfterVisit),
    (Say::Thanks, 50, When::Soon(2 * MINUTE, 3 * HOUR)),
];
const BILL: &[Beat] = &[
    (Say::BillQuestion, 100, When::Soon(0, 0)),
    (Say::BillAnswer, 100, When::Soon(4 * MINUTE, 2 * HOUR)),
    (Say::Ok, 70, When::Soon(MINUTE, HOUR)),
];
const OVERDUE: &[Beat] = &[
    (Say::Overdue, 100, When::Soon(0, 0)),
    (Say::Paid, 80, When::Soon(5 * MINUTE, 20 * HOUR)),
    (Say::Welcome, 40, When::Soon(MINUTE, HOUR)),
];
const NUDGE: &[Beat] =
    &[(Say::TuneUpNudge, 100, When::Soon(0, 0)), (Say::TuneUpLater, 50, When::Soon(MINUTE, 9 * HOUR))];
const KINDNESS: &[Beat] = &[(Say::Thanks, 100, When::Soon(0, 0)), (Say::Welcome, 80, When::Soon(MINUTE, HOUR))];
const MISSED: &[Beat] = &[
    (Say::MissedCall, 100, When::Soon(0, 0)),
    (Say::Open, 100, When::Soon(30, 20 * MINUTE)),
    (Say::Offer, 100, When::Soon(3 * MINUTE, HOUR)),
    (Say::Accept, 80, When::Soon(MINUTE, HOUR)),
    (Say::Confirm, 80, When::Soon(MINUTE, 20 * MINUTE)),
    (Say::OnMyWay, 80, When::OnTheWay),
    (Say::Invoice, 80, When::AfterVisit),
    (Say::Thanks, 50, When::Soon(2 * MINUTE, 3 * HOUR)),
];
const REFERRED: &[Beat] = &[
    (Say::Referred, 100, When::Soon(0, 0)),
    (Say::Ask, 60, When::Soon(3 * MINUTE, 70 * MINUTE)),
    (Say::Answer, 100, When::Soon(MINUTE, 40 * MINUTE)),
    (Say::Offer, 100, When::Soon(3 * MINUTE, HOUR)),
    (Say::Accept, 70, When::Soon(MINUTE, HOUR)),
    (Say::Confirm, 90, When::Soon(MINUTE, 20 * MINUTE)),
    (Say::OnMyWay, 80, When::OnTheWay),
];
const WRONG: &[Beat] = &[
    (Say::WrongNumber, 100, When::Soon(0, 0)),
    (Say::NotUs, 80, When::Soon(MINUTE, HOUR)),
    (Say::Ok, 50, When::Soon(20, HOUR)),
];
const PITCH: &[Beat] = &[(Say::Pitch, 100, When::Soon(0, 0)), (Say::Pitch, 50, When::Days(2, 3))];
const RENTAL: &[Beat] = &[
    (Say::Tenant, 100, When::Soon(0, 0)),
    (Say::Ask, 30, When::Soon(3 * MINUTE, 70 * MINUTE)),
    (Say::Answer, 100, When::Soon(MINUTE, 40 * MINUTE)),
    (Say::Offer, 95, When::Soon(2 * MINUTE, HOUR)),
    (Say::Accept, 90, When::Soon(MINUTE, 2 * HOUR)),
    (Say::Access, 60, When::Soon(MINUTE, 30 * MINUTE)),
    (Say::OnMyWay, 80, When::OnTheWay),
    (Say::Done, 90, When::AfterVisit),
    (Say::Invoice, 90, When::Soon(10 * MINUTE, 8 * HOUR)),
    (Say::Ok, 40, When::Soon(2 * MINUTE, 8 * HOUR)),
];
const INSPECTION: &[Beat] =
    &[(Say::InspectionNotice, 100, When::Soon(0, 0)), (Say::InspectionReply, 70, When::Soon(MINUTE, 2 * HOUR))];
const INSPECTED: &[Beat] = &[(Say::InspectionResult, 100, When::Soon(0, 0))];
const PICKUP: &[Beat] = &[(Say::PickupNotice, 100, When::Soon(0, 0))];

/// Whose conversation it is: what tends to happen in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// A household, a shop.
    Household,
    /// A property manager.
    Manager,
    /// A new customer who is in no contact yet.
    Prospect,
    /// A seller, or somebody who meant another number.
    Nuisance,
    /// The city's inspection reminders.
    Inspections,
    /// The supply house's counter.
    SupplyHouse,
}

/// A sequence that suits the relation and the number of messages left; `first` is the conversation's first.
pub fn script(relation: Relation, first: bool, left: u32, random: &mut Random) -> &'static [Beat] {
    match relation {
        Relation::Inspections => return if random.percent(60) { INSPECTION } else { INSPECTED },
        Relation::SupplyHouse => return PICKUP,
        _ => {}
    }
    let choices: &[(u32, &[Beat])] = match (relation, left) {
        (Relation::Nuisance, _) => &[(45, WRONG), (55, PITCH)],
        (Relation::Prospect, _) if first => &[(70, REFERRED), (30, MISSED)],
        (_, 0..4) => &[(34, BILL), (16, OVERDUE), (30, NUDGE), (20, KINDNESS)],
        (Relation::Manager, _) => &[(55, RENTAL), (15, REPAIR), (10, EMERGENCY), (8, QUOTE), (7, BILL), (5, OVERDUE)],
        (_, 4..8) => &[(30, CALLBACK), (20, DECLINED), (30, TUNE_UP), (20, REPAIR)],
        _ => &[
            (46, REPAIR),
            (10, REBOOKED),
            (9, EMERGENCY),
            (11, QUOTE),
            (9, DECLINED),
            (10, TUNE_UP),
            (5, CALLBACK),
            (4, MISSED),
        ],
    };
    let total = choices.iter().map(|(weight, _)| u64::from(*weight)).sum();
    let mut draw = random.below(total);
    for (weight, beats) in choices {
        match draw.checked_sub(u64::from(*weight)) {
            Some(rest) => draw = rest,
            None => return beats,
        }
    }
    REPAIR
}

impl Say {
    /// All.
    #[cfg(test)]
    pub const ALL: [Self; 52] = [
        Self::Open,
        Self::Urgent,
        Self::OpenQuote,
        Self::Answer,
        Self::Picture,
        Self::Accept,
        Self::CantMake,
        Self::Ok,
        Self::Repeat,
        Self::Access,
        Self::SeeYou,
        Self::Thanks,
        Self::Paid,
        Self::GoAhead,
        Self::Decline,
        Self::QuoteQuestion,
        Self::BillQuestion,
        Self::Again,
        Self::TuneUpYes,
        Self::TuneUpLater,
        Self::MadeIt,
        Self::Tenant,
        Self::WrongNumber,
        Self::Pitch,
        Self::Referred,
        Self::MissedCall,
        Self::Ask,
        Self::Offer,
        Self::Confirm,
        Self::OfferOther,
        Self::Reminder,
        Self::OnMyWay,
        Self::Late,
        Self::Done,
        Self::Invoice,
        Self::Overdue,
        Self::Review,
        Self::Estimate,
        Self::QuoteAnswer,
        Self::BillAnswer,
        Self::Sorry,
        Self::Shutoff,
        Self::Dispatch,
        Self::TuneUpNudge,
        Self::Welcome,
        Self::Deposit,
        Self::Parts,
        Self::NotUs,
        Self::InspectionNotice,
        Self::InspectionResult,
        Self::InspectionReply,
        Self::PickupNotice,
    ];

    /// Who says it. The customers' come first in the list, so that this cannot forget one of the office's.
    pub fn speaker(self) -> Speaker {
        match self {
            Self::InspectionNotice | Self::InspectionResult | Self::PickupNotice => Speaker::Robot,
            _ if self as u8 <= Self::Referred as u8 => Speaker::Customer,
            _ => Speaker::Office,
        }
    }

    /// After what alone it makes sense, but as the first of an episode; empty where it always does.
    pub fn follows(self) -> &'static [Self] {
        match self {
            Self::Answer => &[Self::Ask],
            Self::Repeat => &[Self::Ok],
            Self::Accept => &[Self::Offer, Self::OfferOther, Self::Sorry],
            Self::Confirm => &[Self::Accept, Self::Ok, Self::Repeat],
            Self::MadeIt => &[Self::Reminder],
            Self::SeeYou => &[Self::OnMyWay],
            Self::Late => &[Self::OnMyWay, Self::SeeYou],
            Self::QuoteAnswer => &[Self::QuoteQuestion],
            Self::Deposit | Self::Parts => &[Self::GoAhead, Self::Deposit],
            Self::Thanks => &[Self::SeeYou, Self::Late, Self::Done, Self::Invoice, Self::Paid],
            Self::Welcome => &[Self::Thanks, Self::Paid, Self::Decline],
            Self::Paid => &[Self::Invoice, Self::Overdue],
            _ => &[],
        }
    }
}
