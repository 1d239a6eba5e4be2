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
    E0003 "a file is too large"
    E0004 "an unknown module"
    E0005 "modules that use each other in a circle"
    E0006 "an import of something that a module doesn't declare"
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
    E0216 "a repeated process without `of`"
    E0217 "a value twice in a `for`"
    E0218 "repetitions too deep"
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
    E0332 "a condition that is not about one vesicle"
    E0333 "a distribution where a number is wanted"
    E0334 "a place that vesicles can't be asked to reach"
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
    E0401 "compartments in each other, in a circle"
    E0402 "something inside a membrane"
    E0403 "a membrane between membranes"
    E0404 "the sides of a membrane swapped"
    E0405 "a membrane between places that are no neighbours"
    E0406 "a size of the wrong kind"
    E0407 "vesicles inside a membrane"
    E0408 "vesicles in each other, in a circle"
    E0409 "an amount without a place"
    E0410 "a density of the wrong kind"
    E0411 "shares of states that don't add to 100 %"
    E0412 "shares of states that are incomplete"
    E0413 "a complex that contains itself"
    E0414 "a vesicle in a complex"
    E0415 "vesicles without a diameter"
    E0416 "a range that no diameter is in"
    E0417 "a vesicle class that is nowhere"
    E0418 "a number of molecules that is not whole"
    E0419 "a turnover without a vesicle"
    E0420 "a process in several places"
    E0421 "a molecule whose place can't be told"
    E0422 "an ambiguous place"
    E0423 "an ambiguous state"
    E0424 "a reaction of molecules with vesicles"
    E0425 "a reaction of vesicles"
    E0426 "a process in which nothing happens"
    E0427 "a capture without a bud"
    E0428 "a vesicle that is captured"
    E0429 "a capture from elsewhere"
    E0430 "a membrane crossed without a channel"
    E0431 "a way that no membrane event goes"
    E0432 "a membrane protein that leaves its membrane"
    E0433 "reactants that never meet"
    E0434 "a process that is not balanced"
    E0435 "a turnover in vesicles"
    E0438 "a molecule where a vesicle is wanted"
    E0439 "a bud into a compartment"
    E0440 "a bud from something that is no membrane"
    E0441 "a vesicle where its class is not declared"
    E0442 "a fusion with a volume behind a membrane"
    E0443 "a fusion with a membrane out of reach"
    E0444 "a fusion of vesicles in different places"
    E0445 "a fusion with the surroundings"
    E0446 "engulfing something that is not across a membrane"
    E0447 "vesicles that jump"
    E0448 "a bud that ends up elsewhere"
    E0449 "loading vesicles in a place"
    E0451 "a modifier that doesn't say how much"
    E0452 "a modifier in the wrong direction"
    E0453 "what is needed and can be done without"
    E0454 "a half effect that is out of place"
    E0455 "a vesicle as a modifier"
    E0456 "a modifier with nothing to compare with"
    E0501 "a cell like something that is no cell"
    E0502 "cells that are like each other, in a circle"
    E0503 "an include of something that can't be included"
    E0504 "groups that include each other, in a circle"
    E0505 "assuming something that is no hypothesis"
    E0506 "placing something that is no cell"
    E0507 "a cell placed in a membrane"
    E0508 "a cell placed in something that the model doesn't have"
    E0509 "a set of something that a cell doesn't have"
    E0510 "a required parameter without a value"
    E0550 "a knockdown by no share"
    E0551 "a knockdown by more than all, or less than nothing"
    E0552 "an overexpression that lowers"
    E0553 "an overexpression by no factor"
    E0554 "a knockout in part"
    E0555 "a perturbation of something that is no molecule"
    E0556 "a perturbation of something that the model doesn't contain"
    E0557 "a perturbation of nothing"
    E0558 "a drug without a potency"
    E0559 "a drug with two potencies"
    E0560 "a Hill coefficient that is not positive"
    E0561 "a property of the other kind of drug"
    E0562 "an activator without a highest factor"
    E0563 "a drug on something that it can't act on"
    E0564 "a drug that does nothing"
    E0565 "a drug with one target twice"
    E0566 "a drug in something that is no cell"
    E0601 "an experiment without a run"
    E0602 "an experiment that runs twice"
    E0603 "a time is wanted"
    E0604 "samples further apart than the run is long"
    E0605 "too many samples"
    E0606 "two experiments, arms or measures of one name"
    E0607 "an experiment on no model"
    E0608 "an experiment on something that is no model"
    E0609 "a measure of what the model doesn't contain"
    E0610 "a drug without a dose"
    E0611 "a dose of something that is no drug"
    E0612 "a dose that ends before it begins"
    E0613 "a swept value of the wrong dimension"
    E0615 "an axis twice"
    E0616 "something that can't be swept"
    E0617 "a swept name where it doesn't fit"
    E0618 "an assumption of something that is no hypothesis"
    E0619 "an addition to a place where it can't be"
    E0620 "an addition that can't carry anything"
    E0630 "a claim that compares nothing"
    E0631 "an unknown experiment in a claim"
    E0632 "an unknown arm in a claim"
    E0633 "an unknown measure in a claim"
    E0634 "a claim about no single result"
    E0635 "a claim about one of several models"
    E0636 "a claim that compares unlike dimensions"
    E0637 "a tolerance out of range"
    E0638 "a reading outside the run"
    E0639 "a reading of a sweep without its point"
    E0640 "a point that was not run"
    E0641 "a reading of something that is no measure"
    E0642 "a claim about something that is no result"
    E0643 "an unknown readout"
    E0644 "a change that can't be"
    E0645 "a statistic that can't be taken"
    E0701 "an initial amount that is no number"
    E0702 "a rate that is no number"
    E0703 "a step too short to be taken"
    E0704 "too many steps"
    E0705 "equations without a unique solution"
    E0706 "events that set each other off"
    E0707 "an impossible delay"
    E0708 "a model that does not settle"
    E0709 "an impossible tolerance"
    E0710 "a pool that is empty and still taken from"
    E0711 "an amount made negative"
    E0712 "an event whose time has no sensitivity"
    E0713 "a place without room"
    E0714 "a process that would go backwards"
    E0715 "a rate that no event can have"
    E0716 "too many events"
    E0717 "too many to count"
    E0799 "a defect of exoc's integrators"
    N0401 "rates that depend on what vesicles carry"
    N0402 "contents of vesicles taken as Poisson"
    N0403 "a question that only the exact simulation answers"
    W0201 "an import that is not used"
    W0301 "a number without evidence"
    W0401 "a channel that nothing goes through"
    W0402 "a capture of something that may not be there"
    W0403 "a modifier given twice"
    W0501 "something included twice"
    W0502 "a model in which nothing happens"
    W0503 "something set twice"
    W0504 "a cell without places"
    W0550 "a perturbation without effect"
    W0551 "a drug without a target in the model"
    W0601 "an experiment that measures nothing"
    W0602 "a sweep that changes nothing"
    W0603 "something after the end of the run"
    W0604 "a namesake of something in the model"
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn codes_are_sorted_by_kind_and_number_and_unique() {
        assert!(ALL.windows(2).all(|pair| pair[0].0 < pair[1].0), "keep the registry sorted");
    }
}
