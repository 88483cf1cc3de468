//! What is left on voicemail, as a transcription writes it down.

use super::Scene;
use crate::demo::archive::names::Language;
use crate::demo::archive::random::Random;

/// A caller who is known.
const KNOWN: &[&str] = &[
    "Hi, this is {me} at {street} in {town}. {problem}.{detail} If you could call me back at {number} I'd appreciate it. Thank you, bye.",
    "Yeah hi {office}, it's {given}. {problem}. {ask} My number is {number}. Thanks.",
    "Hello, {me}, {street}. Um, {problem}, and I don't know what to do. Please call me, {number}. Bye bye.",
    "Hi it's {me}, I'm returning {tech}'s call about the estimate. You can reach me at {number} until about five.",
    "Hi {office}, just confirming for {day}. {access} Okay, talk to you then.",
    "This is {given}, I missed you. Calling about invoice {invoice}. Call me when you get a chance, {number}.",
    "Hi, you guys were here a few weeks ago, {tech} I think. {problem}. Again. So please give me a call. {number}.",
    "{me}. {problem}. It's kind of an emergency. {number}. Thank you.",
    "Hey, it's {given} over on {street}, nothing urgent, wanted to get on the list for a boiler cleaning. Thanks hon.",
    "Hi, um, I'm calling for my mother, she's at {street}. {problem}. She's eighty six so if somebody could come {when}. I'm at {number}.",
];
/// A caller who is not.
const UNKNOWN: &[&str] = &[
    "Hi, I'm looking for a plumber, you were recommended on the town page. {problem}. {ask} {number}. Thanks.",
    "Yes hello, do you service {town}? {problem}. My number is {number}.",
    "Hi, this is an important message about your business listing. Press one to speak to a specialist.",
    "Hello? ... Hello? ... [inaudible]",
    "Hi, my name is {me}, I'm the new owner at {street}, the last people left your sticker on the boiler. Give me a call, {number}.",
    "This is a courtesy call from your card processor regarding your rates.",
    "Hi, I'm at work so leave a message if I don't pick up. {problem}. {number}.",
];
const SPANISH: &[&str] = &[
    "Buenas, habla {me} de {street}. {problem}. Me puede llamar al {number}, gracias.",
    "Hola, es {given}. {problem}. {pedido} Mi número es {number}.",
];
const PORTUGUESE: &[&str] = &[
    "Oi, aqui é {me} da {street}. {problem}. Me liga no {number}, obrigado.",
    "Oi Junior, é {given}. {problem}. {pergunta} Meu número é {number}.",
];

/// All, for the test that knows every key.
#[cfg(test)]
pub const ALL: [&[&str]; 4] = [KNOWN, UNKNOWN, SPANISH, PORTUGUESE];

/// Adds a voicemail to `out`.
pub fn write(out: &mut String, scene: &Scene<'_>, known: bool, random: &mut Random) {
    let templates = match (scene.talker.language, known) {
        (_, false) => UNKNOWN,
        (Language::English, true) => KNOWN,
        (Language::Spanish, true) => SPANISH,
        (Language::Portuguese, true) => PORTUGUESE,
    };
    scene.fill(out, random.pick(templates), random, 0);
}
