//! Colour for terminals, or none.

/// What a piece of text is, for its colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tone {
    Strong,
    Faint,
    Good,
    Bad,
    Doubtful,
    /// The colour of the arm at that position.
    Arm(usize),
}

/// Codes of the 256-colour palette near to the colours of the pictures, in the same order.
const ARMS: [u8; 7] = [33, 208, 36, 170, 220, 45, 160];

/// `text` in the colour of its tone, if there is to be any.
pub(super) fn paint(text: &str, tone: Tone, colour: bool) -> String {
    if !colour || text.is_empty() {
        return text.to_owned();
    }
    let code = match tone {
        Tone::Strong => "1".to_owned(),
        Tone::Faint => "2".to_owned(),
        Tone::Good => "32".to_owned(),
        Tone::Bad => "1;31".to_owned(),
        Tone::Doubtful => "33".to_owned(),
        Tone::Arm(i) => format!("38;5;{}", ARMS[i % ARMS.len()]),
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}
