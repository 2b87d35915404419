//! Which color a terminal would show a line in.

use anstyle_parse::{DefaultCharAccumulator, Params, Parser, Perform};

/// A foreground color, as its escape code selects it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    #[default]
    Default,
    /// The numbers of the escape code: 36 alone, or 38 with what follows it.
    Code([u16; 5]),
}

/// A terminal's color, carried over from line to line as a terminal does.
#[derive(Default)]
pub struct Painter {
    parser: Parser<DefaultCharAccumulator>,
    state: State,
}

#[derive(Default)]
struct State {
    color: Color,
    /// The color of the line's first visible character.
    first: Option<Color>,
}

impl Painter {
    /// The color in which the line's first visible character shows, and the color that is left
    /// behind at the line's end.
    pub fn paint(&mut self, line: &[u8]) -> (Color, Color) {
        self.state.first = None;
        for &byte in line {
            self.parser.advance(&mut self.state, byte);
        }
        (self.state.first.unwrap_or(self.state.color), self.state.color)
    }
}

impl Perform for State {
    fn print(&mut self, character: char) {
        if !character.is_whitespace() {
            self.first.get_or_insert(self.color);
        }
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
                0 | 39 => self.color = Color::Default,
                30..=37 | 90..=97 => self.color = Color::Code([*number, 0, 0, 0, 0]),
                // 38;5;N and 38;2;R;G;B select a color, 48 likewise for the background.
                38 | 48 => {
                    let length = if rest.first() == Some(&2) { 4 } else { 2 }.min(rest.len());
                    let (selector, after) = rest.split_at(length);
                    rest = after;
                    if *number == 38 {
                        let mut code = [38, 0, 0, 0, 0];
                        code[1..=length].copy_from_slice(selector);
                        self.color = Color::Code(code);
                    }
                }
                _ => {}
            }
        }
    }
}
