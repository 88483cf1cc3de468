//! What is written in Portuguese, by customers and by those in the office who speak it.

use super::{Table, find};
use crate::demo::archive::episode::Theme;
use crate::demo::archive::scripts::Say;

/// The trouble, without a full stop.
pub fn problems(theme: Theme) -> &'static [&'static str] {
    match theme {
        Theme::NoHeat => &[
            "estamos sem aquecimento desde ontem à noite",
            "o boiler não liga e tá {temp} graus dentro de casa",
            "os radiadores do segundo andar estão frios",
            "o aquecimento desliga toda hora",
        ],
        Theme::NoHotWater => &[
            "não tem água quente",
            "o aquecedor tá vazando embaixo",
            "a água só sai morna",
            "o aquecedor {brand} apagou e não acende mais",
        ],
        Theme::Leak | Theme::FrozenPipe => &[
            "tem um vazamento debaixo da pia",
            "tá pingando do teto da cozinha",
            "estourou um cano no porão",
            "a torneira do banheiro não para de pingar",
        ],
        Theme::Drain | Theme::Toilet => &[
            "o vaso tá entupido",
            "a banheira não desce a água",
            "a pia da cozinha entupiu de novo",
            "o vaso fica vazando a noite toda",
        ],
        Theme::SumpPump => &["o porão encheu de água", "a bomba do porão não liga"],
        Theme::Fixture | Theme::Gas => &[
            "quero trocar a torneira da cozinha",
            "preciso instalar uma lava-louças",
            "tô sentindo cheiro de gás perto do fogão",
        ],
        Theme::TuneUp | Theme::Install => &[
            "queria um orçamento pra um aquecedor novo",
            "preciso da manutenção do boiler",
            "vamos reformar o banheiro e precisamos de encanador",
        ],
    }
}

/// What customers write; empty where they write English.
pub fn customer(say: Say) -> &'static [&'static str] {
    find(CUSTOMER, say).unwrap_or_default()
}

/// What Junior writes for the office; empty where it is English.
pub fn office(say: Say) -> &'static [&'static str] {
    find(OFFICE, say).unwrap_or_default()
}

/// Customers.
const CUSTOMER: &Table = &[
    (
        &[Say::Open, Say::OpenQuote, Say::Referred, Say::Tenant],
        &[
            "{oi}{problem}. {pergunta}",
            "{oi}{problem}. {pergunta}",
            "{oi}{problem}. Moro na {street}, {town}.",
            "{oi}meu endereço é {street}. {problem}. {pergunta}",
            "{oi}{problem}, desde ontem. {pergunta} Obrigada",
        ],
    ),
    (
        &[Say::Urgent],
        &[
            "Socorro! {problem} e não sei onde fecha a água",
            "URGENTE {problem}. {street}, {town}",
            "{problem}, por favor vem agora. {number}",
        ],
    ),
    (&[Say::Again], &["{oi}de novo a mesma coisa: {problem}", "O {tech} veio semana passada e {problem} outra vez"]),
    (
        &[Say::Answer],
        &[
            "Tô mandando a foto",
            "Sim, tô em casa o dia todo",
            "Segundo andar, porta dos fundos",
            "Desde ontem de tarde",
            "Sou inquilino mas o dono paga",
            "{street}, {town}",
        ],
    ),
    (
        &[Say::Accept, Say::TuneUpYes],
        &[
            "Sim, perfeito",
            "Tá bom, {day}",
            "Ok, espero vocês {day}",
            "Sim por favor",
            "Perfeito, meu marido vai estar em casa",
            "Pode ser {day}",
        ],
    ),
    (
        &[Say::CantMake, Say::TuneUpLater],
        &["Esse dia eu trabalho, pode ser outro?", "Não posso {day}, mais tarde dá?", "Agora não, obrigado. Eu aviso."],
    ),
    (
        &[Say::Access],
        &["Toca a campainha de cima", "A porta do lado tá aberta", "Me liga quando chegar", "O cachorro não morde 😅"],
    ),
    (&[Say::SeeYou, Say::MadeIt], &["ok", "Tô aqui", "Já desço", "Sim confirmo", "Ok tô esperando"]),
    (
        &[Say::Thanks],
        &[
            "Muito obrigado",
            "Obrigada, ficou ótimo",
            "Valeu demais, o {tech} é muito gente boa",
            "Deus abençoe 🙏",
            "Excelente trabalho, obrigado",
            "Obrigada por vir tão rápido",
        ],
    ),
    (
        &[Say::Paid],
        &[
            "Já paguei",
            "Mandei o pagamento",
            "Posso pagar sexta?",
            "Pago, obrigado. Manda o recibo {invoice} por favor",
        ],
    ),
    (&[Say::GoAhead], &["Pode fazer", "Tá bom o preço, quando começa?"]),
    (&[Say::Decline], &["Ficou caro pra gente, obrigado mesmo assim", "Vamos esperar um pouco"]),
    (&[Say::QuoteQuestion], &["Os {price} já é tudo incluído?", "Dá pra parcelar?", "Vocês levam o velho embora?"]),
    (
        &[Say::BillQuestion],
        &["O que é a segunda linha da nota {invoice}?", "Manda a nota {invoice} de novo?", "A {invoice} já tá paga?"],
    ),
];
/// The office.
const OFFICE: &Table = &[
    (
        &[Say::Ask],
        &[
            "{hi}, aqui é o Junior da Granite Rail. Consegue mandar uma foto?",
            "{hi}, em que andar é, e desde quando?",
            "{hi}, é o Junior. Qual o endereço, e tem alguém em casa?",
        ],
    ),
    (
        &[Say::Offer, Say::OfferOther],
        &[
            "A gente pode ir {day} entre {between}. Serve?",
            "{hi}, tenho {day} de {window}. A visita é {fee}.",
            "Que tal {day}, {window}?",
        ],
    ),
    (
        &[Say::Confirm],
        &[
            "Fechado, {day} entre {between}.",
            "Confirmado {day} {window}, {street}.",
            "Combinado {day}. O {tech} avisa quando estiver chegando.",
        ],
    ),
    (&[Say::Reminder], &["Lembrete: Granite Rail {day} entre {between}. Responda C pra confirmar."]),
    (
        &[Say::OnMyWay, Say::Late],
        &["Tô a caminho, {arrival}", "O {tech} chega em {arrival}", "Tô aqui fora, van cinza"],
    ),
    (&[Say::Dispatch], &["O {tech} tá indo, {arrival}.", "O {tech} já saiu, chega em {arrival}."]),
    (
        &[Say::Shutoff],
        &[
            "Fecha o registro geral do lado do medidor, pra direita.",
            "{hi}, fecha a água no porão e não encosta em nada elétrico. Estamos indo.",
        ],
    ),
    (
        &[Say::Done],
        &["Pronto, tudo certo. Qualquer coisa me avisa.", "Terminado, testei {n} vezes.", "Já tem água quente 👍"],
    ),
    (
        &[Say::Invoice, Say::Overdue],
        &[
            "{hi}, a nota {invoice} ficou em {price}: https://granite-rail.example/pay/{invoice}",
            "Deu {price} no total. Pode pagar aqui: https://granite-rail.example/pay/{invoice}",
        ],
    ),
    (&[Say::Review], &["{hi}, deixa uma avaliação pra gente? https://granite-rail.example/review Obrigado 🙏"]),
    (&[Say::Sorry], &["Desculpa. O {tech} volta {day} {window}, sem custo."]),
    (&[Say::Estimate], &["{hi}, o orçamento {invoice} ficou em {price}, com licença e tudo.\nVale 30 dias."]),
    (
        &[Say::QuoteAnswer],
        &["Sim, com licença e tudo.", "Dá sim, metade agora e metade no fim.", "Claro, a gente leva o velho."],
    ),
    (
        &[Say::BillAnswer],
        &["É a visita, {fee}. A gente desconta.", "Já mandei{,name}.", "Tá tudo pago. Obrigado{,name}."],
    ),
    (&[Say::Deposit, Say::Parts], &["Perfeito. O depósito é {half}.", "As peças chegaram, começamos segunda."]),
    (&[Say::Welcome], &["De nada!", "Imagina", "Sempre às ordens{,name}"]),
    (&[Say::TuneUpNudge], &["{hi}, tá na hora da manutenção do seu {brand} ({price}). Quer marcar?"]),
];
