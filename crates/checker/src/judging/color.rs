//! The color in which a terminal would show a line.

use anstyle_parse::{DefaultCharAccumulator, Params, Parser, Perform};

/// A foreground color, as its escape code selects it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    #[default]
    Default,
    /// The numbers of the escape code: 36 alone, or 38 with what follows it.
    Code([u16; 5]),
}

/// Keeps track of a terminal's color, which carries over from line to line.
#[derive(Default)]
pub struct Painter {
    parser: Parser<DefaultCharAccumulator>,
    state: State,
}

#[derive(Default)]
struct State {
    color: Color,
    /// Whether the line has set a color.
    is_set: bool,
    /// The color in which the line shows text: the first that it sets itself or, if it sets none,
    /// the one that is carried over.
    shown: Color,
    is_own: bool,
    /// Whether the default color was set before anything was shown.
    is_reset: bool,
    has_text: bool,
}

/// How a line looks.
#[derive(Clone, Copy, Debug)]
pub struct Painted {
    /// Its color. A part of it, such as a prefix, may have another.
    pub color: Color,
    /// The color that is in effect at its end.
    pub left_behind: Color,
    /// Whether it goes back to the default color before it shows anything.
    pub begins_with_reset: bool,
}

impl Painter {
    /// Shows a line.
    pub fn paint(&mut self, line: &[u8]) -> Painted {
        self.state = State { color: self.state.color, ..State::default() };
        for &byte in line {
            self.parser.advance(&mut self.state, byte);
        }
        let State { shown, color, is_reset, .. } = self.state;
        Painted { color: shown, left_behind: color, begins_with_reset: is_reset }
    }
}

impl Perform for State {
    fn print(&mut self, character: char) {
        self.has_text |= !character.is_whitespace();
        if character.is_whitespace() || self.color == Color::Default || self.is_own {
            return;
        }
        if self.is_set || self.shown == Color::Default {
            self.shown = self.color;
        }
        self.is_own = self.is_set;
    }

    fn csi_dispatch(&mut self, parameters: &Params, _: &[u8], _: bool, action: u8) {
        if action != b'm' {
            return;
        }
        let numbers: Vec<u16> = parameters.iter().flatten().copied().collect();
        let mut rest = &numbers[..];
        while let [number, after @ ..] = rest {
            rest = after;
            match number {
                0 | 39 => {
                    self.color = Color::Default;
                    self.is_reset |= !self.has_text;
                }
                30..=37 | 90..=97 => self.set(Color::Code([*number, 0, 0, 0, 0])),
                // 38;5;N and 38;2;R;G;B select a color, 48 likewise for the background.
                38 | 48 => {
                    let length = if rest.first() == Some(&2) { 4 } else { 2 }.min(rest.len());
                    let (selector, after) = rest.split_at(length);
                    rest = after;
                    if *number == 38 {
                        let mut code = [38, 0, 0, 0, 0];
                        code[1..=length].copy_from_slice(selector);
                        self.set(Color::Code(code));
                    }
                }
                _ => {}
            }
        }
    }
}

impl State {
    fn set(&mut self, color: Color) {
        self.color = color;
        self.is_set = true;
    }
}
