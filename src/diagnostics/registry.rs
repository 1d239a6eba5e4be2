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
    E0102 "a text in quotes is not closed on its line"
    E0103 "a number is not written as numbers are"
    E0104 "a number is too large"
    E0105 "a brace is never closed"
    E0106 "a closing bracket closes nothing"
    E0107 "a bracket is never closed"
    E0108 "a keyword is misspelt"
    E0109 "words that begin no declaration"
    E0110 "something else stands where a word or sign is needed"
    E0111 "a declaration ends too early"
    E0112 "an equals sign is missing"
    E0113 "a name is missing, or is a reserved word"
    E0114 "a process has no rate"
    E0115 "brackets are nested too deeply"
    E0116 "an expression is too long"
    E0117 "a declaration stands where it can't"
    E0118 "there is no such option, or it lacks its value"
    E0119 "the same thing is said twice"
    E0120 "an uncertainty is drawn from an unknown distribution"
    E0121 "a comment in the style of another language"
    E0122 "a file is too large"
    E0123 "comparisons in a chain"
    E0124 "an exponent or reference number is no whole number"
    E0125 "a clause stands where it has no meaning"
    E0126 "a claim states nothing"
    E0127 "a number has two units, or a unit stands alone"
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
    E0301 "a sum of unlike dimensions"
    E0302 "a comparison of unlike dimensions"
    E0303 "an amount mixed with a concentration"
    E0304 "a share added to something with a unit"
    E0305 "a function of plain numbers given a unit"
    E0306 "a power with an exponent that can change"
    E0307 "an exponent with a unit"
    E0308 "a power without a meaning"
    E0309 "a temperature in °C in a product"
    E0310 "a quantity of the wrong dimension"
    E0311 "a value that is not as annotated"
    E0312 "an unknown dimension"
    E0313 "a number too large"
    E0314 "division by zero"
    E0315 "a condition where a number is wanted"
    E0316 "a number where a condition is wanted"
    E0317 "a wrong number of arguments"
    E0318 "a definition that goes in a circle"
    E0319 "definitions nested too deep or too large"
    E0320 "a unit that is no number of units"
    E0321 "a concentration of something in several places"
    E0322 "a concentration of something that has none"
    E0323 "something that is no number in an expression"
    E0324 "a property that something doesn't have"
    E0325 "a mean per something that is no vesicle"
    E0326 "a logarithm of unknown base"
    E0327 "a plain number is wanted"
    E0328 "a parameter that would change in time"
    E0329 "a required parameter of unknown dimension"
    E0330 "a reading of results outside a claim"
    E0331 "a question about single vesicles"
    E0340 "a negative number where none can be"
    E0341 "zero where it can't be"
    E0342 "an uncertainty by a factor of at most one"
    E0343 "a negative standard deviation"
    E0344 "an empty range"
    E0345 "an uncertainty by a factor of nothing"
    E0350 "a coefficient that doesn't fit its reactants"
    E0351 "a coefficient of a vesicle that is not per time"
    E0352 "a rate that is not an amount per time"
    E0353 "a way back without a coefficient"
    E0354 "a coefficient without a way back"
    E0355 "a coefficient with nothing to be per"
    E0356 "one rate for both ways"
    E0357 "amounts one way, concentrations the other"
    E0360 "something that can't be set"
    E0361 "a value that doesn't fit what is set"
    E0362 "a parameter that would be moved by a rule"
    E0363 "a rule whose rate doesn't fit"
    E0701 "an initial amount that is no number"
    E0702 "a rate that is no number"
    E0703 "a step too short to be taken"
    E0704 "too many steps"
    E0705 "equations without a unique solution"
    E0706 "events that set each other off"
    E0707 "an impossible delay"
    E0708 "a model that does not settle"
    E0709 "an impossible tolerance"
    E0799 "a defect of exoc's integrators"
    N0401 "rates that depend on what vesicles carry"
    W0301 "a number without evidence"
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn codes_are_sorted_by_kind_and_number_and_unique() {
        assert!(ALL.windows(2).all(|pair| pair[0].0 < pair[1].0), "keep the registry sorted");
    }
}
