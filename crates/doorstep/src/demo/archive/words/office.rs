//! What the office and the technicians write, in English, and what short codes send.

use super::{Table, find};
use crate::demo::archive::scripts::Say;

/// Ways to say it; empty where the office does not.
pub fn templates(say: Say) -> &'static [&'static str] {
    find(VISITS, say).or_else(|| find(MONEY, say)).unwrap_or_default()
}

/// What short codes send; empty where they do not.
pub fn robots(say: Say) -> &'static [&'static str] {
    find(ROBOTS, say).unwrap_or_default()
}

/// About visits, and small talk.
const VISITS: &Table = &[
    (
        &[Say::MissedCall],
        &[
            "Sorry we missed your call! This is Granite Rail Plumbing & Heating. How can we help?",
            "Hi, this is {office} at Granite Rail Plumbing & Heating, saw we missed you. What's going on?",
            "Granite Rail Plumbing & Heating here - both lines were tied up. Text us what you need and we'll get right back to you.",
        ],
    ),
    (
        &[Say::Ask],
        &[
            "{hi}, sorry to hear that. {ask_about}",
            "{hi}! {ask_about}{sign}",
            "Got it. {ask_about}",
            "Happy to help. {ask_about}{sign}",
            "Thanks for reaching out{,name}. {ask_about}",
            "Okay. {ask_about} That way {tech} brings the right parts.",
            "Sure thing. {ask_about}",
            "Ugh. {ask_about}",
        ],
    ),
    (
        &[Say::Offer],
        &[
            "{tech} can be there {day} between {between}. Does that work?",
            "{hi}, we have {day} {window} open. Want it?{sign}",
            "Earliest I've got is {day} {window}.{sign}",
            "Would {day} between {between} work for you?",
            "I can get {tech} out {day} {window}. Service call is {fee}, goes toward the repair.",
            "How's {day}, {window}?",
            "Had a cancellation {day}, {window}. First come first served 😊",
            "{day} {window} with {tech}? It's {fee} to come out.",
            "We're booked solid but I can squeeze you in {day} {window}.{sign}",
            "Okay{,name}, {day} {window}. {tech} will call when he's on his way.",
        ],
    ),
    (
        &[Say::Confirm],
        &[
            "You're all set for {day} {window}. {tech} will text when he's on the way.{sign}",
            "Booked{,name}: {day} {window}, {street}, {town}.",
            "Great, you're on the schedule {day} {window}.",
            "Perfect, see you {day}! Please make sure we can get to the shutoff.",
            "Confirmed {day} {window}. Address is {street}?",
            "Done. {day} between {between}.{sign}",
            "All booked for {day}. If it gets worse before then call us any time, nights too.",
            "{hi}, you're down for {day} {window}, service call {fee}.{sign}",
            "Thanks{,name}! {tech}, {day} {window}.",
            "Put you in for {day}, {window}. Somebody 18 or over needs to be home.{sign}",
            "{day} {window} it is 👍",
        ],
    ),
    (
        &[Say::OfferOther],
        &[
            "No problem{,name}. How about {day} {window}?",
            "That's fine, {day} {window} instead?",
            "Sure. Next I have is {day} {window}.{sign}",
            "We do Saturdays until noon. Or {day} {window}?",
            "Totally understand, feel better! {day} {window}?",
            "Okay, moved you to {day} {window}.",
        ],
    ),
    (
        &[Say::Reminder],
        &[
            "Reminder: Granite Rail P&H {day} between {between} at {street}. Reply C to confirm.",
            "{hi}, {tech} will see you {day} {window}. Please clear about 3 ft around the work area.",
            "Just a reminder you're on for {day} {window}.{sign}",
            "{hi}, confirming {day} {window} at {street}, {town}. Reply C to confirm or R to reschedule.",
        ],
    ),
    (
        &[Say::OnMyWay],
        &[
            "{tech} here, on my way, about {arrival}",
            "On my way, {arrival}.",
            "{hi}, {tech} is headed to you now, {arrival} out.",
            "{tech} just left the last one. ETA {arrival}.",
            "Leaving the supply house now, {arrival}",
            "{hi} this is {tech} with Granite Rail, I'm {arrival} away. Is there parking?",
            "Running a little ahead, could be there in {arrival}. Ok?",
            "{tech}: stuck on the Braintree split, {arrival}",
            "Be there in {arrival}",
            "I'm outside, {van}",
            "{tech} should be there around {clock}",
            "Be there by {clock}",
            "{clock} at the latest{,name}",
            "Just loading up, see you around {clock}. {tech}",
            "omw {arrival}",
            "On Furnace Brook Pkwy now, {arrival}",
        ],
    ),
    (
        &[Say::Late],
        &[
            "Traffic on 93 is brutal, make it {arrival} more. Sorry!",
            "Sorry, last one ran long. {arrival} more",
            "Had to stop for a part, {arrival}",
            "Bridge is up on 3A 🙄 {arrival}",
        ],
    ),
    (
        &[Say::Done],
        &[
            "All set{,name}: {work}.",
            "{tech} is done: {work}. Any drip at all, call us.",
            "Done. {work}.",
            "Finished up. {work}. Old part is on the bench if you want to see it.",
            "{hi}, {work}. Give it an hour to come up to temp.",
            "Quick update: {work}.{sign}",
            "{work}. Also noticed the shutoff in the {floor} is frozen open, something to think about.",
            "All done, locked up behind me. {work}.",
            "{work}. Took pics for your records.",
            "Ok{,name} that's it. {work}, tested it {n} times.",
        ],
    ),
    (
        &[Say::Review],
        &[
            "{hi}, thanks for choosing Granite Rail! Would you mind leaving us a quick review? https://granite-rail.example/review",
            "Hope everything is still working{,name}. If {tech} did right by you a review means the world to him: https://granite-rail.example/review{sign}",
            "How did {tech} do? https://granite-rail.example/review",
            "{hi}, checking in - everything holding up? If so we'd love a review: https://granite-rail.example/r/{invoice}",
            "Small shop here, reviews really help 🙏 https://granite-rail.example/r/{invoice}{sign}",
        ],
    ),
    (
        &[Say::Sorry],
        &[
            "So sorry{,name}. {tech} will be back {day} {window}, no charge.",
            "That's on us. {day} {window}, and there's no service call for this one.{sign}",
            "Ugh, sorry! Parts and labor are covered for a year. {day} {window} ok?",
            "Let me get {tech} back out there {day} {window}. No charge.",
        ],
    ),
    (
        &[Say::Shutoff],
        &[
            "Shut the main NOW if you can: usually in the basement where the pipe comes in from the street, quarter turn or a round red handle.{sign}",
            "{hi}, turn off the main by the water meter and open the lowest faucet. Is anyone hurt?",
            "Okay. Shut the valve by the meter, stay clear of anything electrical. We're sending someone.",
            "Find the main shutoff (street side of the basement, by the meter). Clockwise till it stops. Tell me when it's off.",
            "If you smell gas too, leave the house and call 911 first. If it's only water: main shutoff, clockwise.",
            "{hi}, main shutoff first, then the breaker for anything that's wet. Don't walk through it. Tell me when it's off{,name}.",
            "Is it clean water or sewage? Either way shut the main by the meter and move what you can. Calling {tech} now.",
        ],
    ),
    (
        &[Say::Dispatch],
        &[
            "{tech} is the closest, about {arrival}.",
            "{tech} is on the way to {street}, {arrival}.",
            "On-call is {tech}. He's leaving {town} now. Emergency rate is {fee} per hour, ok?",
            "Pulled {tech} off another one. {arrival}.{sign}",
            "Sending {tech} + a helper with the pump, {arrival}",
        ],
    ),
    (
        &[Say::TuneUpNudge],
        &[
            "{hi}, it's been a year since we serviced the {brand}. Want to get on the schedule? Reply YES and we'll set it up. STOP to opt out",
            "{hi}, {office} at Granite Rail. Your {brand} is due for its annual cleaning ({price}). Interested?",
            "Tune-up spots are filling up{,name}. {brand} cleaning is {price}. Want a spot?",
            "{hi}, your service plan includes a visit this season. When's good?{sign}",
            "We're cleaning boilers in {town} next week{,name}. Should {tech} stop by for the {brand}?",
        ],
    ),
    (
        &[Say::Welcome],
        &[
            "You're welcome{,name}!",
            "Any time!",
            "Thank YOU for the business{,name}.",
            "Our pleasure. Stay warm!",
            "Anytime. Tell {tech} I said hi when he's back lol",
            "Glad it worked out!{sign}",
            "🙏",
            "No problem at all, we're here if you need us.",
        ],
    ),
    (
        &[Say::NotUs],
        &[
            "Sorry, wrong number - this is a plumbing office 🙂",
            "This is Granite Rail Plumbing & Heating, I think you have the wrong number.",
            "Not us! But if you ever need a plumber...",
        ],
    ),
    (&[Say::InspectionReply], &["C", "C", "c", "Confirm", "R"]),
];
/// About money.
const MONEY: &Table = &[
    (
        &[Say::Estimate],
        &[
            "{hi}, here's the estimate from {tech}'s visit:\n\n- Remove and dispose of the old {brand}\n- New unit, piping and venting to code\n- Permit and inspection\n\nTotal {price}. Good for 30 days.{sign}",
            "{hi}, two options for {street}:\n1) like for like, {price}\n2) high efficiency, add {half}, minus the rebate\nLet me know what you think.",
            "Quote {invoice} is in your e-mail: {price}, labor and materials. {tech} can start within two weeks.",
            "{hi}, {tech} wrote it up at {price} including the permit (about {n} days). Deposit is half. Questions?",
            "Estimate {invoice}: {price}.\nNot included: patching and painting.\nIncluded: \"everything else\", as {tech} says.{sign}",
        ],
    ),
    (
        &[Say::QuoteAnswer],
        &[
            "Yes, permit and inspection are both in the {price}.{sign}",
            "Yes, haul-away is included{,name}.",
            "10 years on the heat exchanger, 5 on parts, 1 on our labor.{sign}",
            "There's 0% for 7 years through the HEAT loan if you qualify, I can send the form.{sign}",
            "{tech} says the old venting won't pass inspection, so no. Sorry!",
            "Cash or check takes 3% off the {price}.",
            "One day, two at most. We leave you space heaters.{sign}",
            "Option 1 is the plain one, option 2 talks to your phone 😀{sign}",
        ],
    ),
    (
        &[Say::Deposit],
        &[
            "Great! Deposit is {half}: https://granite-rail.example/pay/{invoice}. Then I order the {brand}.",
            "Wonderful{,name}. I'll need {half} down and a signature, sending it now.{sign}",
            "Thank you! {half} to get started, balance when the inspector signs off. https://granite-rail.example/pay/{invoice}",
        ],
    ),
    (
        &[Say::Parts],
        &[
            "The {brand} came in{,name}. {tech} can start Tuesday, all day job.",
            "Parts are in! Can we start at 8 the day after tomorrow?{sign}",
            "{hi}, permit {permit} is approved and the {brand} is here. Monday 8 am?{sign}",
            "Supply house finally delivered the {brand}. We're good to go{,name}.",
            "{brand} is on the truck. {tech} will be there first thing{,name}, plan on {n} days.",
        ],
    ),
    (
        &[Say::Overdue],
        &[
            "{hi}, friendly reminder that invoice {invoice} ({price}) is past due. https://granite-rail.example/pay/{invoice}{sign}",
            "{hi}, I still show {price} open on {invoice}. Did it get lost in the mail?",
            "Second notice for {invoice}, {price}. Call me if there's a problem and we'll work something out.{sign}",
        ],
    ),
    (
        &[Say::BillAnswer],
        &[
            "That's the {fee} service call{,name}, it's credited on line 3.",
            "Good catch, that's my mistake. Corrected {invoice} is on the way.{sign}",
            "Sent! Check the spam folder too.{sign}",
            "W-9 is on its way to you{,name}.",
            "{price} is parts and labor, the {fee} came off.{sign}",
            "Receipt for {invoice} sent{,name}.",
            "It covers the van, the drive and the first half hour{,name}. I took half off.",
            "Paid in full on our side, thank you{,name}.",
            "Just sent {invoice} again{,name}.",
            "Yes the part is under warranty, I took it off {invoice}.",
        ],
    ),
    (
        &[Say::Invoice],
        &[
            "{hi}, invoice {invoice} for {price} is ready: https://granite-rail.example/pay/{invoice}",
            "Invoice {invoice}: {price}. {work}. Thank you for your business!{sign}",
            "Total came to {price}. You can pay here https://granite-rail.example/pay/{invoice} or mail a check.",
            "{hi}, here is your invoice ({price}). {work}.{sign}",
            "Your invoice {invoice} from Granite Rail Plumbing & Heating, {price}, due on receipt. https://granite-rail.example/pay/{invoice}",
            "{price} all in, invoice attached. Warranty is one year on labor.",
        ],
    ),
];
/// Short codes.
const ROBOTS: &Table = &[
    (
        &[Say::InspectionNotice],
        &[
            "Inspectional Services: plumbing inspection {permit}, {site}, scheduled {day} {window}. Reply C to confirm, R to reschedule, STOP to opt out.",
            "Reminder: {permit} rough plumbing, {site}, {day} {window}. Licensed plumber must be on site. Reply C to confirm.",
            "Reminder: gas fitting {permit}, {site}, {day} {window}. Pressure test must be up. Reply C to confirm, R to reschedule.",
        ],
    ),
    (
        &[Say::InspectionResult],
        &[
            "Gas fitting permit {permit} at {site} PASSED. Final due within 180 days.",
            "Inspection {permit} at {site}: NOT READY. Re-inspection fee may apply. Call the office to reschedule.",
            "Plumbing permit {permit} at {site} is now CLOSED. Thank you.",
        ],
    ),
    (
        &[Say::PickupNotice],
        &[
            "Shoreline Supply: order {invoice} is ready at the Braintree counter. Bring ID. STOP to end",
            "Shoreline Supply: {n} items on order {invoice} are backordered ({brand} parts). Est. {n} days.",
            "Shoreline Supply: statement for your account ending {n}{n}{n}1 is ready, {price} due.",
            "Your Shoreline Supply sign-in code is {code}. Do not share it.",
            "Shoreline Supply: counter closes at noon {day}. Yard open until 2.",
        ],
    ),
];
