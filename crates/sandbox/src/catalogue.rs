//! The trial catalogue: invented institutions and their microcredentials, with the fields that Dutch
//! microcredentials carry (study load, level, outcomes, language, quality, programme, way of taking part).

use serde_json::{Map, Number, Value, json};

use crate::artwork;

/// An invented institution.
#[derive(Debug, PartialEq, Eq)]
pub struct Institution {
    /// Short name for addresses.
    pub id: &'static str,
    /// The name that people read.
    pub name: &'static str,
    /// An invented number in the shape of a BRIN.
    pub brin: &'static str,
    /// Where it is said to be.
    pub place: &'static str,
}

/// Study load of a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// European credits, as decimal text: half points exist.
    Ects(&'static str),
    /// Study load hours (`SBU`), the unit of Dutch vocational education.
    Sbu(&'static str),
}

/// One microcredential that can be earned.
#[derive(Debug)]
pub struct Course {
    /// Short name for addresses.
    pub id: &'static str,
    /// Who offers it.
    pub institution: &'static Institution,
    /// Its name in its own language of instruction.
    pub title: &'static str,
    /// Its name in English.
    pub title_en: &'static str,
    /// What it is about.
    pub description: &'static str,
    /// What one must do to earn it.
    pub criteria: &'static str,
    /// What the learner can do afterwards.
    pub outcomes: &'static [&'static str],
    /// Study load.
    pub load: Load,
    /// Level in the European Qualifications Framework, 1 to 8.
    pub eqf: u8,
    /// Language of instruction, a BCP 47 tag.
    pub language: &'static str,
    /// Decision of the quality label.
    pub quality: &'static str,
    /// Number in the register of programmes.
    pub programme: u32,
    /// `participationType` of the Dutch Open Badges profile.
    pub participation: &'static str,
    /// `assessmentType` of the Dutch Open Badges profile.
    pub assessment: &'static str,
    /// `supervisionType` of the Dutch Open Badges profile.
    pub supervision: &'static str,
    /// The grade that the trial learner got, on the Dutch scale of 1 to 10.
    pub grade: &'static str,
    /// The picture.
    pub motif: artwork::Motif,
}

/// The institution that the sandbox plays itself.
pub const HOME: Institution =
    Institution { id: "hogeschool-voorbeeld", name: "Hogeschool Voorbeeld", brin: "99ZZ", place: "Voorbeeldstad" };
const POLDER: Institution =
    Institution { id: "universiteit-polderland", name: "Universiteit Polderland", brin: "99YY", place: "Polderland" };
const OVERKANT: Institution =
    Institution { id: "roc-de-overkant", name: "ROC De Overkant", brin: "99XX", place: "Overkant" };
const ZILVER: Institution =
    Institution { id: "hogeschool-zilverdijk", name: "Hogeschool Zilverdijk", brin: "99WW", place: "Zilverdijk" };

/// Every course, the home institution's first.
pub const COURSES: &[Course] = &[
    Course {
        id: "watermanagement",
        institution: &HOME,
        title: "Watermanagement in de stad",
        title_en: "Urban water management",
        description: "Een stad die een stortbui aankan: van dak tot riool tot rivier. Je rekent aan een echte wijk en \
                      ontwerpt maatregelen die werken en betaalbaar zijn.",
        criteria: "Je levert een ontwerp voor een wijk in en verdedigt het in een gesprek met twee beoordelaars.",
        outcomes: &[
            "Je berekent hoeveel regenwater een wijk moet bergen.",
            "Je vergelijkt maatregelen op effect, kosten en beheer.",
            "Je legt een ontwerp uit aan bewoners en aan bestuurders.",
        ],
        load: Load::Ects("4.5"),
        eqf: 6,
        language: "nl-NL",
        quality: "AV-9001",
        programme: 90_010_001,
        participation: "onsite or blended",
        assessment: "application of a skill",
        supervision: "onsite with identity verification",
        grade: "8.5",
        motif: artwork::Motif::Waves,
    },
    Course {
        id: "data-analyse",
        institution: &HOME,
        title: "Data-analyse voor professionals",
        title_en: "Data analysis for professionals",
        description: "Van ruwe gegevens naar een antwoord waar een collega op kan bouwen.",
        criteria: "Je maakt een toets op de computer en een analyse van gegevens uit je eigen werk.",
        outcomes: &[
            "Je maakt gegevens schoon en legt vast wat je deed.",
            "Je kiest een grafiek die de vraag beantwoordt.",
            "Je benoemt wat de gegevens niet kunnen zeggen.",
        ],
        load: Load::Ects("3"),
        eqf: 6,
        language: "nl-NL",
        quality: "AV-9002",
        programme: 90_010_002,
        participation: "online",
        assessment: "testing",
        supervision: "supervised online",
        grade: "7.5",
        motif: artwork::Motif::Bars,
    },
    Course {
        id: "circular-design",
        institution: &HOME,
        title: "Circular product design",
        title_en: "Circular product design",
        description: "Designing things that can be repaired, taken apart and used again, with the figures to prove it.",
        criteria: "You redesign an existing product and defend the choices in a portfolio.",
        outcomes: &[
            "You make a material passport for a product.",
            "You choose joints and materials that allow repair.",
            "You weigh costs over the whole life of a product.",
        ],
        load: Load::Ects("5"),
        eqf: 7,
        language: "en",
        quality: "AV-9003",
        programme: 90_010_003,
        participation: "onsite or blended",
        assessment: "portfolio",
        supervision: "supervised with no identity verification",
        grade: "8",
        motif: artwork::Motif::Loop,
    },
    Course {
        id: "zorgtechnologie",
        institution: &HOME,
        title: "Zorgtechnologie in de wijk",
        title_en: "Care technology in the community",
        description: "Hulpmiddelen thuis kiezen, uitleggen en veilig gebruiken, samen met de cliënt.",
        criteria: "Je laat in een praktijkopdracht zien dat je een hulpmiddel kiest en invoert.",
        outcomes: &["Je kiest samen met een cliënt een passend hulpmiddel.", "Je weegt gemak, veiligheid en privacy."],
        load: Load::Ects("3.5"),
        eqf: 5,
        language: "nl-NL",
        quality: "AV-9004",
        programme: 90_010_004,
        participation: "work experience",
        assessment: "application of a skill",
        supervision: "supervised with no identity verification",
        grade: "9",
        motif: artwork::Motif::Heart,
    },
    Course {
        id: "didactiek-online",
        institution: &HOME,
        title: "Didactiek voor online onderwijs",
        title_en: "Teaching online",
        description: "Lessen die ook op een scherm tot meedoen uitnodigen.",
        criteria: "Je ontwerpt, geeft en verbetert een online les en toont dat in een portfolio.",
        outcomes: &[
            "Je ontwerpt een online les met duidelijke leerdoelen.",
            "Je zet werkvormen in waarbij iedereen meedoet.",
            "Je gebruikt feedback om je les te verbeteren.",
        ],
        load: Load::Ects("2.5"),
        eqf: 6,
        language: "nl-NL",
        quality: "AV-9005",
        programme: 90_010_005,
        participation: "online",
        assessment: "portfolio",
        supervision: "unsupervised with no identity verification",
        grade: "8",
        motif: artwork::Motif::Book,
    },
    Course {
        id: "energietransitie",
        institution: &HOME,
        title: "Energietransitie in de gebouwde omgeving",
        title_en: "Energy transition in the built environment",
        description: "Een buurt van het gas af: techniek, geld en draagvlak bij elkaar.",
        criteria: "Je maakt met een groep een plan voor een buurt en legt zelf een mondelinge toets af.",
        outcomes: &[
            "Je vergelijkt warmtebronnen voor een buurt.",
            "Je rekent de kosten voor een huishouden door.",
            "Je leidt een gesprek met bewoners die twijfelen.",
        ],
        load: Load::Ects("6"),
        eqf: 6,
        language: "nl-NL",
        quality: "AV-9006",
        programme: 90_010_006,
        participation: "onsite or blended",
        assessment: "testing",
        supervision: "onsite with identity verification",
        grade: "7",
        motif: artwork::Motif::Sun,
    },
    Course {
        id: "responsible-ai",
        institution: &POLDER,
        title: "Responsible use of machine learning",
        title_en: "Responsible use of machine learning",
        description: "When a model decides about people: what can go wrong, and what you owe them.",
        criteria: "A written exam on site.",
        outcomes: &["You recognise bias in training data.", "You write an impact assessment that a lawyer can use."],
        load: Load::Ects("3"),
        eqf: 7,
        language: "en",
        quality: "AV-9101",
        programme: 90_020_001,
        participation: "onsite or blended",
        assessment: "testing",
        supervision: "onsite with identity verification",
        grade: "8",
        motif: artwork::Motif::Nodes,
    },
    Course {
        id: "bodem-en-klimaat",
        institution: &POLDER,
        title: "Bodem en klimaat",
        title_en: "Soil and climate",
        description: "Wat er onder je voeten gebeurt als het weer verandert.",
        criteria: "Je doet veldwerk en schrijft er een verslag over.",
        outcomes: &["Je leest een bodemprofiel.", "Je voorspelt wat droogte met een bodem doet."],
        load: Load::Ects("4"),
        eqf: 6,
        language: "nl-NL",
        quality: "AV-9102",
        programme: 90_020_002,
        participation: "onsite or blended",
        assessment: "portfolio",
        supervision: "supervised with no identity verification",
        grade: "7.5",
        motif: artwork::Motif::Leaf,
    },
    Course {
        id: "warmtepompen",
        institution: &OVERKANT,
        title: "Warmtepompen plaatsen en inregelen",
        title_en: "Installing and tuning heat pumps",
        description: "Van kruipruimte tot regelkast: een warmtepomp die stil en zuinig draait.",
        criteria: "Je plaatst in de werkplaats een warmtepomp en regelt hem in.",
        outcomes: &["Je plaatst een warmtepomp volgens de norm.", "Je regelt een installatie waterzijdig in."],
        load: Load::Sbu("240"),
        eqf: 4,
        language: "nl-NL",
        quality: "AV-9201",
        programme: 90_030_001,
        participation: "work experience",
        assessment: "application of a skill",
        supervision: "onsite with identity verification",
        grade: "8",
        motif: artwork::Motif::Sun,
    },
    Course {
        id: "samenwerken-in-de-wijk",
        institution: &OVERKANT,
        title: "Samenwerken in de wijk",
        title_en: "Working together in the community",
        description: "Vrijwilligers, bewoners en diensten om één tafel krijgen.",
        criteria: "Je toont met een portfolio wat je als vrijwilliger hebt gedaan.",
        outcomes: &["Je organiseert een buurtoverleg.", "Je verwijst mensen naar de juiste hulp."],
        load: Load::Sbu("320"),
        eqf: 4,
        language: "nl-NL",
        quality: "AV-9202",
        programme: 90_030_002,
        participation: "volunteering",
        assessment: "portfolio",
        supervision: "supervised with no identity verification",
        grade: "7",
        motif: artwork::Motif::Heart,
    },
    Course {
        id: "boekhouden-erkend",
        institution: &ZILVER,
        title: "Financiële administratie, eerder verworven",
        title_en: "Financial administration, prior learning",
        description: "Erkenning van wat je al kunt: boekhouden op het niveau van een eerste jaar.",
        criteria: "Een assessor vergelijkt je werk met de leeruitkomsten.",
        outcomes: &["Je voert een sluitende administratie.", "Je stelt een aangifte voor de omzetbelasting op."],
        load: Load::Ects("3.5"),
        eqf: 5,
        language: "nl-NL",
        quality: "AV-9301",
        programme: 90_040_001,
        participation: "personalized learning activities",
        assessment: "recognition of prior learning",
        supervision: "onsite with identity verification",
        grade: "8",
        motif: artwork::Motif::Bars,
    },
    Course {
        id: "ux-onderzoek",
        institution: &ZILVER,
        title: "Gebruikersonderzoek",
        title_en: "User research",
        description: "Vragen stellen waar een ontwerp beter van wordt.",
        criteria: "Je doet onderzoek met zes deelnemers en presenteert de uitkomst.",
        outcomes: &["Je schrijft een onderzoeksplan.", "Je trekt conclusies die de gegevens dragen."],
        load: Load::Ects("2.5"),
        eqf: 6,
        language: "nl-NL",
        quality: "AV-9302",
        programme: 90_040_002,
        participation: "online",
        assessment: "application of a skill",
        supervision: "supervised online",
        grade: "8",
        motif: artwork::Motif::Nodes,
    },
];

impl Course {
    /// Finds one by its short name.
    pub fn find(id: &str) -> Option<&'static Self> {
        COURSES.iter().find(|course| course.id == id)
    }

    /// Whether the sandbox itself gives it out: it plays one institution only.
    pub fn is_ours(&self) -> bool {
        *self.institution == HOME
    }

    /// The member names and values of the Dutch profile that say how one took part.
    pub fn study_facts(&self) -> Map<String, Value> {
        let mut facts = Map::new();
        let (name, amount) = match self.load {
            Load::Ects(amount) => ("ECTS", amount),
            Load::Sbu(amount) => ("SBU", amount),
        };
        facts.insert(name.to_owned(), number(amount));
        facts.insert("inLanguage".to_owned(), json!(self.language));
        facts.insert("educationProgramIdentifier".to_owned(), json!(self.programme));
        facts.insert("participationType".to_owned(), json!(self.participation));
        facts.insert("assessmentType".to_owned(), json!(self.assessment));
        facts.insert("supervisionType".to_owned(), json!(self.supervision));
        facts.insert("identityChecked".to_owned(), json!(self.supervision.ends_with("with identity verification")));
        facts
    }

    /// The alignments of the Dutch profile: the quality label and the level.
    pub fn alignments(&self, base: &str) -> [Value; 2] {
        [
            json!({
                "type": ["Alignment"],
                "targetType": "ext:QualityAssurance",
                "targetName": "Proefkeurmerk microcredentials",
                "targetCode": self.quality,
                "targetUrl": format!("{base}/quality/{}", self.quality),
            }),
            json!({
                "type": ["Alignment"],
                "targetType": "ext:EQF",
                "targetName": format!("EQF level {}", self.eqf),
                "targetCode": self.eqf.to_string(),
                "targetUrl": "https://europass.europa.eu/en/description-eight-eqf-levels",
            }),
        ]
    }

    /// The achievement as an Open Badges 3.0 `Achievement` with the members of the Dutch profile, and the picture
    /// inside. The profile has no member for outcomes: they stand in the criteria and as alignments.
    pub fn badge_achievement(&self, base: &str) -> Value {
        let id = format!("{base}/achievements/{}", self.id);
        let mut achievement = self.study_facts();
        let mut alignments = self.alignments(base).to_vec();
        let mut narrative = self.criteria.to_owned();
        narrative.push('\n');
        for (number, outcome) in self.outcomes.iter().enumerate() {
            narrative.push_str("\n- ");
            narrative.push_str(outcome);
            alignments.push(json!({
                "type": ["Alignment"],
                "targetType": "ext:LearningOutcome",
                "targetName": outcome,
                "targetUrl": format!("{id}#outcome-{}", number + 1),
            }));
        }
        achievement.insert("id".to_owned(), json!(id));
        achievement.insert("type".to_owned(), json!(["Achievement", "EducredentialAchievement"]));
        achievement.insert("name".to_owned(), json!(self.title));
        achievement.insert("description".to_owned(), json!(self.description));
        achievement.insert("criteria".to_owned(), json!({ "narrative": narrative }));
        achievement.insert("image".to_owned(), self.image());
        achievement.insert("alignment".to_owned(), json!(alignments));
        achievement.insert(
            "resultDescription".to_owned(),
            json!([{
                "id": self.result_id(base),
                "type": ["ResultDescription"],
                "name": if self.language == "en" { "Final grade" } else { "Eindcijfer" },
                "valueMin": "1",
                "valueMax": "10",
                "requiredValue": "5.5",
                "resultType": "RawScore",
            }]),
        );
        Value::Object(achievement)
    }

    /// The achievement as an SD-JWT VC carries it: the same members, with outcomes and level of their own. Without
    /// an identifier, which would tell the course where its title is held back.
    pub fn claims_achievement(&self, base: &str) -> Value {
        let mut achievement = self.study_facts();
        achievement.insert("name".to_owned(), json!(self.title));
        achievement.insert("description".to_owned(), json!(self.description));
        achievement.insert("criteria".to_owned(), json!({ "narrative": self.criteria }));
        achievement.insert("image".to_owned(), self.image());
        achievement.insert("eqfLevel".to_owned(), json!(self.eqf));
        achievement.insert("learningOutcome".to_owned(), json!(self.outcomes));
        achievement.insert("alignment".to_owned(), json!(self.alignments(base)));
        Value::Object(achievement)
    }

    /// The result of the trial learner, as an Open Badges 3.0 `Result`.
    pub fn result(&self, base: &str) -> Value {
        json!([{ "type": ["Result"], "resultDescription": self.result_id(base), "value": self.grade }])
    }

    fn result_id(&self, base: &str) -> String {
        format!("{base}/achievements/{}#result", self.id)
    }

    /// The picture as an Open Badges 3.0 `Image` that needs no network.
    pub fn image(&self) -> Value {
        json!({ "id": artwork::data_url(self.motif), "type": "Image", "caption": self.title })
    }

    /// What the catalogue prints for it; `offer` only where the sandbox gives it out.
    pub fn listing(&self, base: &str) -> Value {
        let mut listing = self.study_facts();
        listing.insert("id".to_owned(), json!(self.id));
        listing.insert("name".to_owned(), json!({ "nl": self.title, "en": self.title_en }));
        listing.insert("description".to_owned(), json!(self.description));
        listing.insert("criteria".to_owned(), json!(self.criteria));
        listing.insert("learningOutcome".to_owned(), json!(self.outcomes));
        listing.insert("alignment".to_owned(), json!(self.alignments(base)));
        listing.insert("image".to_owned(), self.image());
        listing.insert("institution".to_owned(), self.institution.listing());
        let offer = self.is_ours().then(|| format!("{base}/offers/{}", self.id));
        listing.insert("offer".to_owned(), json!(offer));
        Value::Object(listing)
    }
}

impl Institution {
    /// What the catalogue prints for it.
    pub fn listing(&self) -> Value {
        json!({ "id": self.id, "name": self.name, "brin": self.brin, "place": self.place })
    }
}

/// A JSON number with the text kept, so that `4.5` is not read as a float on the way.
fn number(text: &str) -> Value {
    text.parse::<Number>().map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    // The values that the Dutch profile allows.
    const PARTICIPATION: &[&str] =
        &["online", "onsite or blended", "volunteering", "work experience", "personalized learning activities"];
    const ASSESSMENT: &[&str] = &["testing", "application of a skill", "portfolio", "recognition of prior learning"];
    const SUPERVISION: &[&str] = &[
        "unsupervised with no identity verification",
        "supervised with no identity verification",
        "supervised online",
        "onsite with identity verification",
    ];

    #[test]
    fn every_course_keeps_to_the_values_of_the_dutch_profile() {
        assert!(COURSES.len() >= 12);
        for course in COURSES {
            assert!(PARTICIPATION.contains(&course.participation), "{}", course.id);
            assert!(ASSESSMENT.contains(&course.assessment), "{}", course.id);
            assert!(SUPERVISION.contains(&course.supervision), "{}", course.id);
            assert!((1..=8).contains(&course.eqf), "{}", course.id);
            assert!(!course.outcomes.is_empty(), "{}", course.id);
            assert!(course.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", course.id);
        }
        let mut ids: Vec<_> = COURSES.iter().map(|course| course.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), COURSES.len());
    }

    #[test]
    fn every_value_that_the_profile_allows_occurs() {
        for allowed in PARTICIPATION {
            assert!(COURSES.iter().any(|course| course.participation == *allowed), "{allowed}");
        }
        for allowed in ASSESSMENT {
            assert!(COURSES.iter().any(|course| course.assessment == *allowed), "{allowed}");
        }
        for allowed in SUPERVISION {
            assert!(COURSES.iter().any(|course| course.supervision == *allowed), "{allowed}");
        }
    }

    #[test]
    fn study_load_is_a_number_with_its_text_kept() {
        for course in COURSES {
            let facts = course.study_facts();
            let load = facts.get("ECTS").or_else(|| facts.get("SBU")).unwrap();
            assert!(load.is_number(), "{}", course.id);
        }
        let facts = Course::find("watermanagement").unwrap().study_facts();
        assert_eq!(facts["ECTS"].to_string(), "4.5");
    }
}
