//! What is written in Spanish, by customers and by those in the office who speak it.

use super::{Table, find};
use crate::demo::archive::episode::Theme;
use crate::demo::archive::scripts::Say;

/// The trouble, without a full stop.
pub fn problems(theme: Theme) -> &'static [&'static str] {
    match theme {
        Theme::NoHeat => &[
            "no tenemos calefacción desde anoche",
            "la caldera no prende y hace mucho frío",
            "los radiadores del segundo piso están fríos",
            "la calefacción se apaga a cada rato",
        ],
        Theme::NoHotWater => &[
            "no sale agua caliente",
            "el calentador está botando agua por abajo",
            "el agua sale tibia nada más",
            "el calentador {brand} se apagó y no prende",
        ],
        Theme::Leak | Theme::FrozenPipe => &[
            "hay una fuga debajo del lavaplatos",
            "está goteando el techo de la cocina",
            "se rompió un tubo en el sótano",
            "la llave del baño no deja de gotear",
        ],
        Theme::Drain | Theme::Toilet => &[
            "el inodoro está tapado",
            "la bañera no baja el agua",
            "el fregadero está tapado otra vez",
            "el inodoro no para de correr",
        ],
        Theme::SumpPump => &["se inundó el sótano", "la bomba del sótano no arranca"],
        Theme::Fixture | Theme::Gas => &[
            "quiero cambiar la llave de la cocina",
            "necesito conectar un lavaplatos",
            "huele a gas cerca de la estufa",
        ],
        Theme::TuneUp | Theme::Install => &[
            "quisiera un presupuesto para un calentador nuevo",
            "necesito el mantenimiento de la caldera",
            "vamos a remodelar el baño y necesitamos plomero",
        ],
    }
}

/// What customers write; empty where they write English.
pub fn customer(say: Say) -> &'static [&'static str] {
    find(CUSTOMER, say).unwrap_or_default()
}

/// What Luis writes for the office; empty where it is English.
pub fn office(say: Say) -> &'static [&'static str] {
    find(OFFICE, say).unwrap_or_default()
}

/// Customers.
const CUSTOMER: &Table = &[
    (
        &[Say::Open, Say::OpenQuote, Say::Referred, Say::Tenant],
        &[
            "{hola}{problem}. {pedido}",
            "{hola}{problem}. {pedido}",
            "{hola}{problem}. Vivo en {street}, {town}.",
            "{hola}mi dirección es {street}. {problem}. {pedido}",
            "{hola}{problem}, desde ayer. {pedido} Gracias",
        ],
    ),
    (
        &[Say::Urgent],
        &[
            "¡Auxilio! {problem} y no sé dónde se cierra el agua",
            "URGENTE {problem}. {street}, {town}",
            "{problem}, por favor vengan ya. {number}",
        ],
    ),
    (&[Say::Again], &["{hola}otra vez lo mismo: {problem}", "Vino {tech} la semana pasada y {problem} de nuevo"]),
    (
        &[Say::Answer],
        &[
            "Ahí le mando la foto",
            "Sí, estoy en casa todo el día",
            "Segundo piso, la puerta de atrás",
            "Desde ayer en la tarde",
            "Soy inquilino pero el dueño paga",
            "{street}, {town}",
        ],
    ),
    (
        &[Say::Accept, Say::TuneUpYes],
        &[
            "Sí, perfecto",
            "Está bien, {day}",
            "Ok, los espero {day}",
            "Sí por favor",
            "Perfecto, mi esposo va a estar",
            "Dale, {day} está bien",
        ],
    ),
    (
        &[Say::CantMake, Say::TuneUpLater],
        &["Ese día trabajo, ¿puede ser otro día?", "No puedo {day}, ¿más tarde?", "Ahora no, gracias. Le aviso."],
    ),
    (
        &[Say::Access],
        &[
            "Toque el timbre de arriba",
            "La puerta del lado está abierta",
            "Llámeme cuando llegue",
            "El perro no muerde 😅",
        ],
    ),
    (&[Say::SeeYou, Say::MadeIt], &["ok", "Aquí estoy", "Ya bajo", "Sí confirmo", "Ok los espero"]),
    (
        &[Say::Thanks],
        &[
            "Muchas gracias",
            "Gracias, quedó muy bien",
            "Mil gracias, {tech} muy amable",
            "Dios lo bendiga 🙏",
            "Excelente trabajo, gracias",
            "Gracias por venir tan rápido",
        ],
    ),
    (
        &[Say::Paid],
        &["Ya pagué", "Le mandé el pago", "¿Puedo pagar el viernes?", "Pagado, gracias. Recibo {invoice} por favor"],
    ),
    (&[Say::GoAhead], &["Sí, hágalo", "Está bien el precio, ¿cuándo empiezan?"]),
    (&[Say::Decline], &["Está muy caro, gracias de todos modos", "Vamos a esperar un poco"]),
    (&[Say::QuoteQuestion], &["¿Los {price} incluyen todo?", "¿Aceptan pagos?", "¿Se llevan el viejo?"]),
    (
        &[Say::BillQuestion],
        &[
            "¿Qué es lo segundo en la factura {invoice}?",
            "¿Me manda la factura {invoice} otra vez?",
            "¿Ya está pagada la {invoice}?",
        ],
    ),
];
/// The office.
const OFFICE: &Table = &[
    (
        &[Say::Ask],
        &[
            "{hi}, habla Luis de Granite Rail. ¿Me puede mandar una foto?",
            "{hi}, ¿en qué piso es y desde cuándo?",
            "{hi}, soy Luis. ¿Cuál es la dirección, y hay alguien en casa?",
        ],
    ),
    (
        &[Say::Offer, Say::OfferOther],
        &[
            "Podemos ir {day} entre {between}. ¿Le sirve?",
            "{hi}, tengo {day} de {window}. La visita son {fee}.",
            "¿Qué tal {day}, {window}?",
        ],
    ),
    (
        &[Say::Confirm],
        &[
            "Listo, {day} entre {between}.",
            "Confirmado {day} {window}, {street}.",
            "Quedamos {day}. {tech} le escribe antes de llegar.",
        ],
    ),
    (&[Say::Reminder], &["Recordatorio: Granite Rail {day} entre {between}. Responda C para confirmar."]),
    (
        &[Say::OnMyWay, Say::Late],
        &["Voy en camino, {arrival}", "{tech} llega en {arrival}", "Estoy afuera, camioneta gris"],
    ),
    (&[Say::Dispatch], &["{tech} va para allá, {arrival}.", "Ya sale {tech}, llega en {arrival}."]),
    (
        &[Say::Shutoff],
        &[
            "Cierre la llave principal junto al medidor, hacia la derecha.",
            "{hi}, cierre el agua en el sótano y no toque nada eléctrico. Ya vamos.",
        ],
    ),
    (
        &[Say::Done],
        &[
            "Listo, ya quedó. Cualquier cosa me avisa.",
            "Todo terminado, probado {n} veces.",
            "Ya tiene agua caliente 👍",
        ],
    ),
    (
        &[Say::Invoice, Say::Overdue],
        &[
            "{hi}, la factura {invoice} son {price}: https://granite-rail.example/pay/{invoice}",
            "Son {price} en total. Puede pagar aquí: https://granite-rail.example/pay/{invoice}",
        ],
    ),
    (&[Say::Review], &["{hi}, ¿nos deja una reseña? https://granite-rail.example/review Gracias 🙏"]),
    (&[Say::Sorry], &["Disculpe. {tech} regresa {day} {window}, sin costo."]),
    (&[Say::Estimate], &["{hi}, el presupuesto {invoice} es {price}, con permiso y todo.\nVale por 30 días."]),
    (
        &[Say::QuoteAnswer],
        &["Sí, con permiso y todo.", "Sí, la mitad ahora y la mitad al terminar.", "Claro, nos llevamos el viejo."],
    ),
    (
        &[Say::BillAnswer],
        &["Es la visita, {fee}. Se la descontamos.", "Ya se la mandé{,name}.", "Sí, todo pagado. Gracias{,name}."],
    ),
    (&[Say::Deposit, Say::Parts], &["Perfecto. El depósito es {half}.", "Ya llegaron las piezas, empezamos el lunes."]),
    (&[Say::Welcome], &["A la orden", "Con gusto", "Para servirle{,name}"]),
    (&[Say::TuneUpNudge], &["{hi}, ya toca el mantenimiento de su {brand} ({price}). ¿Lo agendamos?"]),
];
