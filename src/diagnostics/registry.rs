//! Every code exoc can raise, sorted; a code once published is never given another meaning.
//!
//! Ranges: E00xx files and modules, E01xx words and sentences, E02xx names, E03xx units and numbers, E04xx places,
//! molecules, vesicles and processes, E05xx cells, models, perturbations and drugs, E06xx experiments and claims,
//! E07xx simulation; W as E, for warnings; N for notes.

/// How bad it is. Only errors stop a model from running.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Severity {
    Note,
    Warning,
    Error,
}

/// A code of the registry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static str);

impl Code {
    /// The code as printed, such as `E0203`.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    pub fn severity(self) -> Severity {
        match self.0.as_bytes().first() {
            Some(b'W') => Severity::Warning,
            Some(b'N') => Severity::Note,
            _ => Severity::Error,
        }
    }

    /// The code's line in the registry: what it is about, in a few words.
    pub fn title(self) -> &'static str {
        ALL.iter().find(|(code, _)| *code == self).map_or("", |(_, title)| title)
    }

    /// The code of that spelling, whatever its case.
    pub fn parse(text: &str) -> Option<Code> {
        ALL.iter().map(|(code, _)| *code).find(|code| code.0.eq_ignore_ascii_case(text))
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! codes {
    ($($code:ident $title:literal)*) => {
        $(#[doc = $title] pub const $code: Code = Code(stringify!($code));)*
        /// All codes with their titles, in order.
        pub const ALL: &[(Code, &str)] = &[$(($code, $title)),*];
    };
}

codes! {
    E0001 "a file can't be read"
    E0002 "a file is not UTF-8 text"
    E0101 "a character that begins no word of Exo"
    E0201 "an unknown name"
    E0202 "a name declared twice"
    E0203 "a name that is a unit"
    E0204 "a name with several meanings"
    E0205 "a name of the wrong kind"
    E0206 "an unknown state"
    E0207 "a state of something without states"
    E0208 "an unknown part of a group or module"
    E0209 "a name of the library that is not imported"
    E0210 "an unknown function"
    E0211 "an unknown unit"
    E0212 "an unknown source of citations"
    E0213 "a place of something that is nowhere"
    E0214 "a placed cell where a value is wanted"
    E0215 "something that a cell doesn't have"
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn codes_are_sorted_by_kind_and_number_and_unique() {
        assert!(ALL.windows(2).all(|pair| pair[0].0 < pair[1].0), "keep the registry sorted");
    }
}
