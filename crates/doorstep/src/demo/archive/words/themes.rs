//! What each kind of trouble sounds like, what the office asks about it, and what was done in the end.

use crate::demo::archive::episode::Theme;

impl Theme {
    /// The trouble in a customer's words, without a full stop.
    pub fn problems(self) -> &'static [&'static str] {
        match self {
            Self::NoHeat => NO_HEAT,
            Self::NoHotWater => NO_HOT_WATER,
            Self::Leak => LEAK,
            Self::Drain => DRAIN,
            Self::Toilet => TOILET,
            Self::SumpPump => SUMP_PUMP,
            Self::FrozenPipe => FROZEN,
            Self::Fixture => FIXTURE,
            Self::Gas => GAS,
            Self::TuneUp => TUNE_UP,
            Self::Install => INSTALL,
        }
    }

    /// What the office wants to know, each with answers; never empty.
    pub fn exchanges(self) -> &'static [(&'static str, &'static [&'static str])] {
        match self {
            Self::NoHeat | Self::NoHotWater | Self::TuneUp => MACHINE_EXCHANGES,
            Self::Install => INSTALL_EXCHANGES,
            _ => PIPE_EXCHANGES,
        }
    }

    /// What a flood sounds like; never empty.
    pub fn disasters(self) -> &'static [&'static str] {
        match self {
            Self::FrozenPipe => &[
                "a pipe froze and let go in the {floor}",
                "the frozen pipe just burst and it's spraying everywhere",
                "water is pouring through the {floor} ceiling, a pipe must have split",
                "there's ice and water all over the {floor}",
            ],
            Self::SumpPump => &[
                "the basement is filling up and the pump is dead",
                "{n} inches of water in the basement and rising",
                "the sump is overflowing and the boiler is about to go under",
            ],
            _ => &[
                "water is coming through the kitchen ceiling",
                "a pipe just let go in the {floor}",
                "the washer hose blew and there's water everywhere",
                "water is pouring out of the light fixture in the {floor}",
                "the water heater is dumping water all over the {floor}",
                "the toilet line snapped and it won't stop",
                "the shutoff under the {fixture} broke off in my hand",
            ],
        }
    }

    /// How it feels when it is over, as a sentence.
    pub fn relief(self) -> &'static [&'static str] {
        match self {
            Self::NoHeat => {
                &["House is finally warm.", "{temp} this morning and 70 now!", "First warm night since {since}."]
            }
            Self::NoHotWater => {
                &["So nice to have hot showers again.", "Hot water all day!", "The kids even took baths."]
            }
            Self::Leak | Self::FrozenPipe => {
                &["No leaks so far, knock on wood.", "Dry as a bone.", "You saved my ceiling."]
            }
            Self::Drain | Self::Toilet => &["Everything drains like new.", "No more plunger!", "You saved my weekend."],
            Self::SumpPump => {
                &["Basement stayed dry last night.", "Slept through the rain for once.", "Pump is so quiet now."]
            }
            Self::Fixture => &["The {fixture} looks great.", "Works perfectly.", "My wife loves it."],
            Self::Gas => &["We can cook again.", "Feels safer now.", "National Grid turned us back on."],
            Self::TuneUp => &["Runs much quieter now.", "Ready for winter.", "See you next year."],
            Self::Install => &["Looks amazing.", "The new {brand} is so quiet.", "Very clean work."],
        }
    }

    /// Something else that may be wrong in the same house.
    pub fn other(self) -> Self {
        match self {
            Self::Fixture | Self::Leak | Self::Install => Self::Toilet,
            Self::Drain | Self::Toilet => Self::Fixture,
            _ => Self::Leak,
        }
    }

    /// What the technician did.
    pub fn work_done(self) -> &'static [&'static str] {
        match self {
            Self::NoHeat => &[
                "replaced the circulator on zone {n}",
                "new igniter and cleaned the flame sensor",
                "the zone valve was stuck, swapped the head",
                "bled all the radiators and brought the pressure back up",
                "new expansion tank, the old one was waterlogged",
                "replaced the low water cutoff",
                "thermostat wire had been chewed, ran a new one",
            ],
            Self::NoHotWater => &[
                "new thermocouple, pilot is holding",
                "replaced both elements and the upper thermostat",
                "flushed the heat exchanger on the {brand}, it was full of scale",
                "new gas valve on the {brand}",
                "mixing valve replaced, set to 120",
                "new 50 gal installed, old one hauled away",
            ],
            Self::Leak | Self::FrozenPipe => &[
                "cut out the bad section and put in new copper with a ball valve",
                "replaced the trap and the supply lines",
                "re-soldered the elbow behind the {fixture}",
                "swapped the shutoff and new wax ring while I was there",
                "sistered in PEX where it split, insulated the run",
                "new packing in the valve, no drip",
            ],
            Self::Drain | Self::Toilet => &[
                "snaked about 40 feet, roots and wipes",
                "jetted the main and ran the camera, line is clear",
                "new fill valve and flapper",
                "pulled the toilet, new flange and wax ring",
                "cleared the {fixture}, found a toothbrush 😀",
                "replaced the p-trap, it was packed solid",
            ],
            Self::SumpPump => &[
                "new Zoeller with a check valve, tested twice",
                "float was stuck, cleaned the pit",
                "installed the battery backup, alarm works",
                "discharge was frozen at the elbow, re-pitched it",
            ],
            Self::Fixture => &[
                "installed the new faucet and both supplies",
                "new cartridge in the shower valve",
                "disposal is in and the dishwasher is tied to it",
                "re-caulked and reset the {fixture}",
                "swapped the tub spout and diverter",
            ],
            Self::Gas => &[
                "found it at the union by the dryer, tightened and tested, holds pressure",
                "replaced the flex line to the range, leak tested",
                "no leak on our side, gas company relit the meter",
            ],
            Self::TuneUp => &[
                "cleaned and tested, combustion numbers are good",
                "yearly service done, replaced the nozzle and filter",
                "flushed and descaled, a {age} year old {brand} and still going",
                "all good, expansion tank will want replacing next year",
            ],
            Self::Install => &[
                "the {brand} is up and running, inspector signed off",
                "rough-in passed, finish next week",
                "new unit is in, old one is out of the {floor}",
                "all fired up, warranty card is on top of the unit",
            ],
        }
    }
}

const MACHINE_EXCHANGES: &[(&str, &[&str])] = &[
    (
        "Is it gas or oil, and do you know the make?",
        &[
            "Gas. {brand}, maybe {age} years old",
            "Oil. {brand} I think? The sticker is half gone",
            "Gas, {brand}",
            "No idea, it was here when we bought the house",
        ],
    ),
    (
        "What make is it and roughly how old?",
        &[
            "{brand}, the label says {age} years",
            "{brand}, put in about {age} yrs ago. By you guys I think",
            "It's a {brand}. Older than my kids so {age}?",
            "{brand}. {age} years give or take",
        ],
    ),
    (
        "Any error code on the display? A picture of the nameplate would help.",
        &[
            "There's an E{n}{n} on the screen",
            "Says F{n}",
            "The screen is blank",
            "No display, it's an old {brand}. {age} yrs",
        ],
    ),
    (
        "Is the burner firing at all? What's the pressure gauge say?",
        &[
            "It clicks a few times and then nothing",
            "Gauge says almost zero",
            "Fires for a minute and quits. Gauge is at {n}0",
            "I don't see a flame",
        ],
    ),
    (
        "Is there any water on the floor around it?",
        &["No, dry", "A little puddle on the left side", "Yes, about a cup since {since}", "Damp but not a puddle"],
    ),
    (
        "Is it the whole house or just part of it?",
        &[
            "Whole house. {temp} in here right now",
            "Just the {floor}, the rest is fine",
            "Whole house I think",
            "Only the {floor}",
        ],
    ),
    (
        "When was it last serviced?",
        &[
            "Honestly I don't think it ever was 😬",
            "{n} years ago?",
            "You guys did it {n} yrs ago",
            "Before we bought the house",
        ],
    ),
];
const PIPE_EXCHANGES: &[(&str, &[&str])] = &[
    (
        "Is it happening right now or only when you run it?",
        &[
            "Only when we run the {fixture}",
            "All the time, about a cup an hour",
            "Right now",
            "Comes and goes since {since}",
        ],
    ),
    (
        "Can you shut the valve for it?",
        &[
            "I turned it but it doesn't close all the way",
            "Yes it's off now",
            "Which one? There are {n}",
            "It's stuck and I'm afraid to break it",
        ],
    ),
    (
        "Is it one fixture or more than one?",
        &[
            "Just the {fixture}, everything else is fine",
            "All of them on the {floor}",
            "The {fixture} and sometimes the {fixture}",
            "Just the one",
        ],
    ),
    (
        "Which floor, and is anything getting wet below?",
        &[
            "{floor}, and yes there's a stain on the ceiling underneath",
            "{floor}. Nothing below that I can see",
            "{floor}, it's slab under there",
            "{floor}. The neighbors haven't complained yet",
        ],
    ),
    (
        "Copper, PEX or the old galvanized, do you know?",
        &[
            "Copper I think. House is from 19{n}0 something",
            "The orange plastic stuff",
            "Gray metal, pretty rusty",
            "No clue sorry",
        ],
    ),
    (
        "Could you text a picture?",
        &[
            "Sent you one. The white pipe",
            "I'm at work, my wife will send it",
            "Hard to get a good one, it's behind the {fixture}",
            "I'll take one tonight",
        ],
    ),
    (
        "Is the main shutoff somewhere you can get to?",
        &[
            "Not sure where it is?? Maybe behind the dryer",
            "Yes, by the front wall of the basement",
            "It's in the other unit",
            "Yes I know where it is",
        ],
    ),
];
const INSTALL_EXCHANGES: &[(&str, &[&str])] = &[
    (
        "Can you send a couple pictures of what's there now?",
        &[
            "Sending pics now. Excuse the mess",
            "The old one is a {brand}, must be {age} years. Pics tonight",
            "Will do when I'm home",
        ],
    ),
    (
        "How many bathrooms, and gas, oil or electric?",
        &[
            "{n} bathrooms, gas, {age} year old {brand}",
            "{n} and a half, oil",
            "{n}, all electric",
            "{n} baths, gas, 2 families",
        ],
    ),
    (
        "Are you looking to do it this season or just pricing it out?",
        &[
            "Just pricing it out for now",
            "Would like it done before it gets cold",
            "As soon as you can",
            "Depends on the price 😅",
        ],
    ),
    (
        "Do you own the unit or is there a condo association involved?",
        &[
            "It's a condo, I have to run it by the trustees",
            "Owner. No permit yet",
            "We own the whole building",
            "My parents own it",
        ],
    ),
];

const NO_HEAT: &[&str] = &[
    "we have no heat on the {floor}",
    "the boiler isn't coming on and it's {temp} in the house",
    "no heat since {since}",
    "heat is stuck on, it's 80 in here and I can't turn it down",
    "radiators are cold upstairs but hot downstairs",
    "furnace keeps shutting off after a minute",
    "the boiler is making a banging noise",
    "boiler pressure is at zero and there's water under it",
    "our {brand} is showing an error and there's no heat",
    "thermostat says 68 but it's {temp} in here",
    "one zone won't come on",
    "the pilot on the furnace is out and I can't relight it",
    "the steam radiator in the {floor} is spitting water",
    "burner runs and runs but the house won't get past {temp}",
    "oil burner smells and then locks out",
];
const NO_HOT_WATER: &[&str] = &[
    "we have no hot water",
    "no hot water since {since}",
    "hot water runs out after 5 minutes",
    "water heater is leaking from the bottom",
    "the water is lukewarm at best",
    "the {brand} water heater is making a popping sound",
    "water heater pilot won't stay lit",
    "hot water comes out rusty",
    "our tankless keeps throwing a code and going cold mid shower",
    "no hot water in the {floor} but fine everywhere else",
    "the hot is scalding and then ice cold",
    "there's a puddle under the water heater",
    "the {brand} is {age} yrs old and finally died I think",
];
const LEAK: &[&str] = &[
    "the {fixture} is leaking",
    "there's water dripping through the kitchen ceiling",
    "pipe under the {fixture} is dripping",
    "found water in the {floor} and can't tell where it's from",
    "outside faucet is leaking inside the wall",
    "shower is leaking into the {floor}",
    "there's a pinhole in the copper in the basement",
    "valve behind the washing machine won't stop dripping",
    "wet spot on the ceiling under the {fixture}",
    "the {fixture} shutoff is leaking when I turn it",
    "water bill doubled and I can hear something running in the wall",
    "the radiator valve in the bedroom is leaking on the floor",
    "ice maker line is leaking behind the fridge",
    "the main shutoff has a drip right at the meter",
];
const DRAIN: &[&str] = &[
    "the {fixture} is clogged",
    "{fixture} is draining really slow",
    "main line is backing up into the basement",
    "sewage is coming up in the {floor} shower",
    "the {fixture} gurgles every time the washer drains",
    "there's a sewer smell in the {floor}",
    "kitchen drain is backed up again, both bowls",
    "floor drain in the garage is backing up",
    "tub won't drain at all, standing water",
    "something is stuck in the {fixture} drain, possibly a toy dinosaur",
    "dishwasher water comes up in the sink",
];
const TOILET: &[&str] = &[
    "toilet on the {floor} keeps running",
    "toilet is clogged and plunging does nothing",
    "the toilet rocks and there's water at the base",
    "toilet won't flush, handle just flops",
    "toilet is running all night long",
    "upstairs toilet is leaking into the {floor}",
    "toilet fills really slow",
    "we need {n} toilets swapped out",
    "the tank has a crack in it",
];
const SUMP_PUMP: &[&str] = &[
    "sump pump isn't kicking on",
    "basement has {n} inches of water",
    "sump pump runs non stop",
    "the pump alarm keeps going off",
    "the battery backup is beeping",
    "basement floods every time it rains like this",
    "the pump runs but nothing comes out the pipe outside",
    "the pit is full and the float is stuck",
];
const FROZEN: &[&str] = &[
    "I think the pipes froze, nothing comes out of the {fixture}",
    "no water on the {floor} since {since}, it was 4 degrees last night",
    "pipe burst in the {floor}",
    "the line to the outside faucet split",
    "the pipes in the crawl space are frozen",
    "frozen pipe in the garage and I hear dripping",
];
const FIXTURE: &[&str] = &[
    "need a new kitchen faucet put in, I already bought it",
    "the shower handle spins and doesn't do anything",
    "garbage disposal hums but doesn't turn",
    "want to replace the {fixture} faucet",
    "no pressure in the {fixture}",
    "the shower goes cold when someone flushes",
    "need a dishwasher hooked up",
    "need a gas line for a new stove",
    "shower head broke off in the wall",
    "outdoor spigot needs replacing before summer",
    "need the washer valves replaced",
    "can't turn off the {fixture} all the way",
    "looking to put in a bidet seat and need an outlet for the water",
];
const GAS: &[&str] = &[
    "there's a gas smell by the stove, gas company shut us off and says we need a plumber",
    "National Grid red tagged our boiler",
    "gas company found a small leak at the dryer and shut the valve",
    "we smelled gas, they turned the meter off",
];
const TUNE_UP: &[&str] = &[
    "time for the yearly boiler cleaning I think",
    "want to get the {brand} serviced before winter",
    "need the tankless descaled",
    "can we get on the schedule for a tune up",
];
const INSTALL: &[&str] = &[
    "looking for a quote to replace our {age} year old {brand}",
    "thinking of going from oil to gas, what would that cost?",
    "we're redoing the {floor} bathroom and need a plumber",
    "want to add a half bath in the basement",
    "could you quote a new water heater, 50 gal gas",
    "interested in a tankless, is it worth it for {n} people?",
    "looking at heat pumps with the Mass Save rebate, do you do those?",
    "need a price on a new boiler for a two family",
    "our contractor needs a plumbing sub for a kitchen",
    "want to replace all the galvanized in a 1930s house",
    "need a quote for a sump pump with battery backup",
    "finishing the basement, need rough plumbing for a bath and a bar sink",
];
