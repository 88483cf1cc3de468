use super::*;

fn check(expected: Agreement, pairs: &[(&str, &str)]) {
    for (a, b) in pairs {
        let (one, other) = (name(a), name(b));
        assert_eq!(one.compare(&other), expected, "{a:?} and {b:?}");
        assert_eq!(other.compare(&one), expected, "{b:?} and {a:?}");
    }
}

#[test]
fn one_normal_form_is_the_same() {
    check(
        Agreement::Same,
        &[
            ("John Smith", "SMITH, JOHN"),
            ("John Smith", "Mr. John Smith"),
            ("John Smith", "John Smith, MD"),
            ("José Peña", "Jose Pena"),
            ("Conan O'Brien", "conan obrien"),
            ("Maria de la Cruz", "MARIA DELACRUZ"),
            ("John Smith Jr", "John Smith II"),
            ("William (Bill) Smith", "William Smith"),
            ("John & Mary Smith", "Mary and John Smith"),
            ("Mr. Smith", "Mr Smith"),
            ("John", "john"),
            ("Acme Plumbing", "ACME PLUMBING, LLC"),
            ("The Acme Co", "Acme, Inc."),
            ("All Star Plumbing", "Allstar Plumbing"),
            ("山田太郎", "山田 太郎"),
        ],
    );
}

#[test]
fn what_may_be_one_person_is_compatible() {
    check(
        Agreement::Compatible,
        &[
            ("Bob Smith", "Robert Smith"),
            ("Bill Smith", "William Smith"),
            ("Peggy Jones", "Margaret Jones"),
            ("Bob Smith", "Robbie Smith"),
            ("William \"Buck\" Smith", "Buck Smith"),
            ("J Smith", "John Smith"),
            ("J.R. Smith", "John Smith"),
            ("John S", "John Smith"),
            ("John S.", "Johnny Smith"),
            ("John Smith", "John Q Smith"),
            ("John Q Smith", "John Quincy Smith"),
            ("John", "John Smith"),
            ("Bob", "Robert Smith"),
            ("Smith", "John Smith"),
            ("Mr. Smith", "John Smith"),
            ("Smith Family", "John Smith"),
            ("Micheal Smith", "Michael Smith"),
            ("John Smyth", "John Smith"),
            ("John Johnson", "John Jonhson"),
            ("Mary Smith-Jones", "Mary Jones"),
            ("Maria Garcia Lopez", "Maria Garcia"),
            ("Maria Cruz", "Maria de la Cruz"),
            ("Smith John", "John Smith"),
            ("John Robert Smith", "Robert Smith"),
            ("John Robert Smith", "Bob Smith"),
            ("Mary Ann Smith", "Maryann Smith"),
            ("John & Mary Smith", "John Smith"),
            ("John & Mary Smith", "Mary Smith"),
            ("Mr. & Mrs. John Smith", "John Smith"),
            ("Mr. & Mrs. John Smith", "Mary Smith"),
            ("John Smith Jr", "John Smith"),
            ("Acme Plumbing", "Acme Plumbing and Heating"),
            ("Hans Müller", "Hans Mueller"),
            ("山田", "山田太郎"),
        ],
    );
}

#[test]
fn two_people_are_a_conflict() {
    check(
        Agreement::Conflict,
        &[
            ("John Smith", "Mary Smith"),
            ("John Smith", "John Jones"),
            ("John Smith Jr", "John Smith Sr"),
            ("John Smith III", "John Smith Jr"),
            ("Mary Smith", "Mark Smith"),
            ("Mario Lopez", "Maria Lopez"),
            ("Daniel Lopez", "Daniela Lopez"),
            ("Bob Smith", "Bill Smith"),
            ("Michael Smith", "Michelle Smith"),
            ("J Smith", "Mary Smith"),
            ("Micheal Smyth", "Michael Smith"),
            ("John A Smith", "John B Smith"),
            ("Mary", "John Smith"),
            ("Mr. Jones", "John Smith"),
            ("Mr. Smith", "Mrs. Smith"),
            ("John & Mary Smith", "Peter Jones"),
            ("John Smith", "Smith Plumbing"),
            ("Acme Plumbing", "Baker Plumbing"),
            ("Kim Lee", "Kim Leo"),
            ("山田太郎", "佐藤花子"),
        ],
    );
}

#[test]
fn what_says_too_little_is_unknown() {
    check(
        Agreement::Unknown,
        &[
            ("J", "John Smith"),
            ("J S", "John Smith"),
            ("J", "K"),
            ("Иван Петров", "Ivan Petrov"),
            ("山田太郎", "Taro Yamada"),
            ("Mr. Jones", "Bob"),
            ("Plumbing LLC", "Acme Plumbing"),
        ],
    );
    let nothing = Name::from("Unknown".to_owned());
    assert_eq!(nothing.compare(&name("John Smith")), Agreement::Unknown);
    assert_eq!(nothing.compare(&nothing), Agreement::Unknown);
}
