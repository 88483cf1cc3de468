//! Names of the people of Quincy, Weymouth and Boston, by where their families came from.
//!
//! Given names come with the nickname that a neighbour would use (empty where there is none). The shares follow
//! the census's picture of the area roughly: Irish and Yankee, Italian, Chinese, Portuguese and Brazilian,
//! Vietnamese, Spanish-speaking, Haitian, and a few of many others.

/// What somebody texts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// American English.
    English,
    /// Caribbean and Central American Spanish.
    Spanish,
    /// Brazilian and Cape Verdean Portuguese.
    Portuguese,
}

/// Where a family came from, and the names it gives.
#[derive(Debug)]
pub struct Origin {
    /// Of a hundred people.
    pub share: u32,
    /// What some of them prefer to text in.
    pub language: Language,
    /// Thanks in the family's own words, which some use in an English conversation; may be empty.
    pub thanks: &'static str,
    /// Women's given names and nicknames.
    pub women: &'static [(&'static str, &'static str)],
    /// Men's given names and nicknames.
    pub men: &'static [(&'static str, &'static str)],
    /// Family names.
    pub families: &'static [&'static str],
}

const IRISH_AND_YANKEE: Origin = Origin {
    share: 45,
    language: Language::English,
    thanks: "",
    #[rustfmt::skip]
    women: &[
        ("Maureen", "Mo"), ("Kathleen", "Kathy"), ("Margaret", "Peggy"), ("Patricia", "Pat"), ("Elizabeth", "Liz"),
        ("Katherine", "Kate"), ("Catherine", "Cathy"), ("Deborah", "Deb"), ("Barbara", "Barb"), ("Susan", "Sue"),
        ("Jennifer", "Jen"), ("Jessica", "Jess"), ("Christine", "Chris"), ("Christina", "Tina"), ("Theresa", "Terry"),
        ("Rebecca", "Becky"), ("Victoria", "Vicky"), ("Pamela", "Pam"), ("Cynthia", "Cindy"), ("Judith", "Judy"),
        ("Jacqueline", "Jackie"), ("Samantha", "Sam"), ("Kimberly", "Kim"), ("Stephanie", "Steph"),
        ("Amanda", "Mandy"), ("Nancy", ""), ("Linda", ""), ("Eileen", ""), ("Siobhan", ""), ("Caitlin", ""),
        ("Bridget", ""), ("Colleen", ""), ("Sheila", ""), ("Noreen", ""), ("Deirdre", ""), ("Donna", ""),
        ("Karen", ""), ("Lisa", ""), ("Laura", ""), ("Ellen", ""), ("Dorothy", "Dot"), ("Virginia", "Ginny"),
        ("Eleanor", "Ellie"), ("Abigail", "Abby"), ("Emily", ""), ("Sarah", ""), ("Rachel", ""), ("Melissa", ""),
        ("Mary Ellen", ""), ("Mary Beth", ""), ("Gráinne", ""),
    ],
    #[rustfmt::skip]
    men: &[
        ("William", "Bill"), ("Robert", "Bob"), ("Richard", "Rick"), ("James", "Jim"), ("Thomas", "Tom"),
        ("Michael", "Mike"), ("Joseph", "Joe"), ("John", "Jack"), ("Daniel", "Dan"), ("David", "Dave"),
        ("Edward", "Ed"), ("Charles", "Charlie"), ("Christopher", "Chris"), ("Matthew", "Matt"), ("Anthony", "Tony"),
        ("Steven", "Steve"), ("Stephen", "Steve"), ("Kenneth", "Ken"), ("Timothy", "Tim"), ("Ronald", "Ron"),
        ("Gregory", "Greg"), ("Gerald", "Gerry"), ("Lawrence", "Larry"), ("Francis", "Frank"), ("Walter", "Walt"),
        ("Peter", "Pete"), ("Patrick", "Pat"), ("Raymond", "Ray"), ("Andrew", "Andy"), ("Joshua", "Josh"),
        ("Nicholas", "Nick"), ("Benjamin", "Ben"), ("Samuel", "Sam"), ("Douglas", "Doug"), ("Philip", "Phil"),
        ("Frederick", "Fred"), ("Nathaniel", "Nate"), ("Brian", ""), ("Kevin", ""), ("Sean", ""), ("Declan", ""),
        ("Brendan", ""), ("Colin", ""), ("Paul", ""), ("Mark", ""), ("Scott", ""), ("Neil", ""), ("Dennis", ""),
        ("Leonard", "Len"), ("Martin", "Marty"), ("Bernard", "Bernie"), ("Zachary", "Zach"), ("Jonathan", "Jon"),
        ("Séamus", ""),
    ],
    #[rustfmt::skip]
    families: &[
        "Sullivan", "Murphy", "O'Brien", "O'Connor", "O'Leary", "O'Neill", "McCarthy", "McDonough", "McGrath",
        "McLaughlin", "McNamara", "McCormack", "Kelly", "Walsh", "Burke", "Flaherty", "Foley", "Connolly", "Donovan",
        "Doherty", "Dunn", "Fitzgerald", "Gallagher", "Griffin", "Hurley", "Keane", "Kearney", "Kennedy", "Lynch",
        "Mahoney", "Moynihan", "Mulvey", "Nolan", "Quinn", "Regan", "Riordan", "Ryan", "Shea", "Sheehan", "Sweeney",
        "Tierney", "Tobin", "Whelan", "Barry", "Brennan", "Callahan", "Carroll", "Casey", "Clancy", "Coughlin",
        "Crowley", "Cunningham", "Curran", "Daly", "Dolan", "Duffy", "Egan", "Fallon", "Farrell", "Finnegan",
        "Flynn", "Geary", "Hanlon", "Harrington", "Hennessy", "Joyce", "Lally", "Maguire", "Manning", "Noonan",
        "Adams", "Baker", "Bates", "Bradford", "Chandler", "Clark", "Cushing", "Davis", "Dyer", "Hayward", "Hobart",
        "Johnson", "Lincoln", "Lovell", "Miller", "Nash", "Palmer", "Pratt", "Reed", "Smith", "Thayer", "Tirrell",
        "Torrey", "Vinal", "White", "Wilson",
    ],
};

const ITALIAN: Origin = Origin {
    share: 13,
    language: Language::English,
    thanks: "",
    #[rustfmt::skip]
    women: &[
        ("Maria", ""), ("Angela", "Angie"), ("Carmela", ""), ("Rosemary", "Rose"), ("Francesca", "Fran"), ("Gina", ""),
        ("Lucia", ""), ("Antonella", ""), ("Diane", ""), ("Loretta", ""), ("Josephine", "Jo"), ("Annmarie", ""),
    ],
    #[rustfmt::skip]
    men: &[
        ("Salvatore", "Sal"), ("Dominic", "Dom"), ("Carmine", ""), ("Rocco", ""), ("Pasquale", "Pat"), ("Angelo", ""),
        ("Giovanni", "Gio"), ("Vincent", "Vinny"), ("Anthony", "Tony"), ("Louis", "Lou"), ("Ralph", ""), ("Guido", ""),
    ],
    #[rustfmt::skip]
    families: &[
        "Bevilacqua", "Bianchi", "Capobianco", "Caruso", "Cedrone", "Colella", "D'Angelo", "D'Amico", "DeLuca",
        "DiMarzio", "DiNardo", "DiPietro", "Esposito", "Ferrara", "Gentile", "Giannetti", "Grasso", "LaRosa",
        "Lombardi", "Mancini", "Marinelli", "Mazzola", "Morelli", "Palumbo", "Pellegrini", "Petrucci", "Ricci",
        "Rizzo", "Santoro", "Tocci", "Vitale",
    ],
};

const CHINESE: Origin = Origin {
    share: 13,
    language: Language::English,
    thanks: "谢谢!",
    #[rustfmt::skip]
    women: &[
        ("Mei", ""), ("Li Hua", ""), ("Xiaoyan", ""), ("Ying", ""), ("Amy", ""), ("Wendy", ""), ("Jenny", ""),
        ("Grace", ""), ("Yan", ""), ("Suk Yee", ""), ("Fang", ""), ("Vivian", "Viv"),
    ],
    #[rustfmt::skip]
    men: &[
        ("Wei", ""), ("Jian", ""), ("Ming", ""), ("Kevin", ""), ("Raymond", "Ray"), ("Guo Qiang", ""), ("Hao", ""),
        ("Jun", ""), ("Wai Keung", ""), ("Alan", ""), ("Tony", ""), ("Zhi Peng", ""),
    ],
    #[rustfmt::skip]
    families: &[
        "Chan", "Chen", "Cheung", "Chin", "Fung", "Guo", "He", "Huang", "Lam", "Lau", "Lee", "Leung", "Li", "Liang",
        "Lin", "Liu", "Mei", "Moy", "Ng", "Tang", "Wang", "Wong", "Wu", "Xu", "Yee", "Yu", "Zhang", "Zheng", "Zhou",
        "Zhu",
    ],
};

const VIETNAMESE: Origin = Origin {
    share: 7,
    language: Language::English,
    thanks: "Cảm ơn!",
    #[rustfmt::skip]
    women: &[
        ("Lan", ""), ("Huong", ""), ("Thuy", ""), ("Mai", ""), ("Ngoc", ""), ("Phuong", ""), ("Hạnh", ""),
        ("Tuyết", ""),
    ],
    #[rustfmt::skip]
    men: &[
        ("Minh", ""), ("Tuan", ""), ("Hung", ""), ("Long", ""), ("Quang", ""), ("Duc", ""), ("Thành", ""), ("Khoa", ""),
    ],
    #[rustfmt::skip]
    families: &[
        "Nguyen", "Tran", "Le", "Pham", "Huynh", "Vo", "Phan", "Truong", "Bui", "Dang", "Ngo", "Duong", "Hoang", "Vu",
        "Dinh", "Nguyễn", "Trần", "Đỗ",
    ],
};

const PORTUGUESE: Origin = Origin {
    share: 8,
    language: Language::Portuguese,
    thanks: "Obrigado!",
    #[rustfmt::skip]
    women: &[
        ("Fernanda", "Nanda"), ("Juliana", "Ju"), ("Patrícia", ""), ("Cláudia", ""), ("Luciana", ""), ("Adriana", ""),
        ("Conceição", ""), ("Fátima", ""), ("Simone", ""), ("Vanessa", ""),
    ],
    #[rustfmt::skip]
    men: &[
        ("João", ""), ("José", "Zé"), ("Antônio", ""), ("Manuel", "Manny"), ("Rafael", "Rafa"), ("Wellington", ""),
        ("Thiago", ""), ("Leandro", ""), ("Edson", ""), ("Nelson", ""),
    ],
    #[rustfmt::skip]
    families: &[
        "Silva", "Santos", "Oliveira", "Pereira", "Gonçalves", "Araújo", "Ferreira", "Medeiros", "Barros", "Teixeira",
        "Andrade", "Monteiro", "Lopes", "Tavares", "Cardoso", "Correia", "Fontes", "Furtado", "Carvalho", "Nunes",
        "da Costa", "de Pina",
    ],
};

const SPANISH: Origin = Origin {
    share: 6,
    language: Language::Spanish,
    thanks: "Gracias!",
    #[rustfmt::skip]
    women: &[
        ("María", ""), ("Guadalupe", "Lupe"), ("Rosa", ""), ("Carmen", ""), ("Yolanda", ""), ("Altagracia", ""),
        ("Isabel", ""), ("Daniela", "Dani"), ("Ana", ""), ("Milagros", ""),
    ],
    #[rustfmt::skip]
    men: &[
        ("José", "Pepe"), ("Francisco", "Paco"), ("Luis", ""), ("Carlos", ""), ("Miguel", ""), ("Rafael", "Rafa"),
        ("Ramón", ""), ("Héctor", ""), ("Jesús", ""), ("Julio", ""),
    ],
    #[rustfmt::skip]
    families: &[
        "Rodríguez", "Hernández", "García", "Martínez", "Pérez", "Núñez", "Peña", "Santana", "Rivera", "Ortiz",
        "Vásquez", "Guzmán", "Rosario", "Colón", "Mejía", "Castillo", "De La Cruz", "Acevedo", "Polanco", "Reyes",
    ],
};

const HAITIAN: Origin = Origin {
    share: 5,
    language: Language::English,
    thanks: "Mèsi anpil!",
    #[rustfmt::skip]
    women: &[
        ("Marie", ""), ("Nadège", ""), ("Guerline", ""), ("Mirlande", ""), ("Roseline", ""), ("Fabiola", ""),
        ("Marie-Ange", ""), ("Ketsia", ""),
    ],
    #[rustfmt::skip]
    men: &[
        ("Jean", ""), ("Pierre", ""), ("Frantz", ""), ("Emmanuel", "Manny"), ("Réginald", ""), ("Wilner", ""),
        ("Jean-Claude", ""), ("Stanley", ""),
    ],
    #[rustfmt::skip]
    families: &[
        "Jean-Baptiste", "Pierre-Louis", "Désir", "Joseph", "Charles", "François", "Toussaint", "Casimir", "Philippe",
        "Saint-Fleur", "Étienne", "Dorval", "Lafleur", "Michel", "Bélizaire", "Augustin",
    ],
};

const ELSEWHERE: Origin = Origin {
    share: 3,
    language: Language::English,
    thanks: "",
    #[rustfmt::skip]
    women: &[
        ("Agnieszka", "Aga"), ("Eleni", ""), ("Anahid", ""), ("Nadia", ""), ("Priya", ""), ("Fatima", ""),
        ("Oksana", ""), ("Lejla", ""),
    ],
    #[rustfmt::skip]
    men: &[
        ("Konstantinos", "Gus"), ("George", ""), ("Ara", ""), ("Tariq", ""), ("Rajesh", "Raj"), ("Krzysztof", "Chris"),
        ("Elias", ""), ("Adnan", ""),
    ],
    #[rustfmt::skip]
    families: &[
        "Kowalski", "Wójcik", "Papadopoulos", "Karras", "Bedrosian", "Hagopian", "Haddad", "Khoury", "Patel", "Shah",
        "Okafor", "Mensah", "Shevchenko", "Hodžić", "Lindqvist", "Schröder", "Leclair", "Gagnon", "Boudreau", "Kim",
        "Park", "Santiago-Klein",
    ],
};

/// All origins; their shares add up to a hundred.
pub static ORIGINS: [Origin; 8] =
    [IRISH_AND_YANKEE, ITALIAN, CHINESE, VIETNAMESE, PORTUGUESE, SPANISH, HAITIAN, ELSEWHERE];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_names_enough_for_a_town() {
        assert_eq!(ORIGINS.iter().map(|origin| origin.share).sum::<u32>(), 100);
        let given: BTreeSet<_> =
            ORIGINS.iter().flat_map(|origin| origin.women.iter().chain(origin.men)).map(|(name, _)| name).collect();
        let families: BTreeSet<_> = ORIGINS.iter().flat_map(|origin| origin.families).collect();
        assert!(given.len() >= 150, "{}", given.len());
        assert!(families.len() >= 250, "{}", families.len());
    }
}
