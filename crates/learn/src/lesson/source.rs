//! The functions of a program, and the gaps that are left in it.

use super::text::Clue;
use checker::escape::visible;
use proc_macro2::{TokenStream, TokenTree};
use std::thread;
use syn::visit::{self, Visit};

/// The parser calls itself for what is nested, with or without brackets. A thread with this many bytes
/// of stack has room for a program of no more tokens, in no more brackets, than this.
const STACK: usize = 512 << 20;
const MOST_TOKENS: usize = 5_000;
const MOST_BRACKETS: usize = 200;

/// A program that can be parsed.
pub struct Source {
    /// As they are shown.
    lines: Vec<String>,
    functions: Vec<Function>,
    /// The lines of the gaps.
    gaps: Vec<usize>,
}

/// A function at the top level of a program. Lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    pub first: usize,
    pub last: usize,
}

/// A place where something is left to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    pub line: usize,
    /// The function that it is in.
    pub function: String,
}

impl Source {
    /// `None` if the text is no Rust program, or too long or too deeply nested to be parsed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        thread::scope(|scope| {
            let parser = thread::Builder::new().stack_size(STACK);
            parser.spawn_scoped(scope, || Self::parse_here(text)).ok()?.join().ok()?
        })
    }

    fn parse_here(text: &str) -> Option<Self> {
        let tokens: TokenStream = text.parse().ok()?;
        if count(tokens.clone(), MOST_BRACKETS)? > MOST_TOKENS {
            return None;
        }
        let file: syn::File = syn::parse2(tokens).ok()?;
        let functions = file.items.iter().filter_map(function).collect();
        let mut gaps = Gaps::default();
        gaps.visit_file(&file);
        gaps.lines.sort_unstable();
        Some(Self { lines: text.lines().map(shown).collect(), functions, gaps: gaps.lines })
    }

    #[must_use]
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    #[must_use]
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.name == name)
    }

    /// The lines of a function that are not comments, each with its number.
    pub fn code(&self, function: &Function) -> impl Iterator<Item = (usize, &str)> {
        let lines = (1..).zip(&self.lines).take(function.last).skip(function.first - 1);
        let lines = lines.map(|(number, line)| (number, &**line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// The line that a clue is about: the first with the best of its texts, in its function or else in
    /// another; if there is none, the first line of its function.
    #[must_use]
    pub fn place(&self, clue: &Clue) -> Option<(&Function, usize)> {
        let its = self.functions.iter().find(|function| function.name == clue.function);
        let line_with = |text: &String| {
            its.iter().copied().chain(&self.functions).find_map(|function| {
                let (line, _) = self.code(function).find(|(_, line)| line.contains(&**text))?;
                Some((function, line))
            })
        };
        clue.near
            .iter()
            .find_map(line_with)
            .or_else(|| its.map(|function| (function, function.first)))
    }

    /// The function that a line belongs to.
    #[must_use]
    pub fn function_at(&self, line: usize) -> Option<&Function> {
        self.functions.iter().find(|function| (function.first..=function.last).contains(&line))
    }

    /// The gaps, from the top of the file down.
    pub fn gaps(&self) -> impl Iterator<Item = Gap> {
        self.gaps.iter().map(|&line| {
            let function = self.function_at(line).map_or("main", |function| &function.name);
            Gap { line, function: function.to_owned() }
        })
    }
}

/// A line of a program as it is shown: nothing in it acts on the terminal.
#[must_use]
pub fn shown(line: &str) -> String {
    visible(line.replace('\t', "    ").as_bytes())
}

/// How many tokens there are, in no more than so many brackets.
fn count(tokens: TokenStream, brackets: usize) -> Option<usize> {
    let counted = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => Some(1 + count(group.stream(), brackets.checked_sub(1)?)?),
        _ => Some(1),
    });
    counted.sum()
}

fn function(item: &syn::Item) -> Option<Function> {
    let syn::Item::Fn(item) = item else { return None };
    // Without the attributes and comments above it.
    let first = item.sig.fn_token.span.start().line;
    let last = item.block.brace_token.span.close().end().line;
    Some(Function { name: item.sig.ident.to_string(), first, last })
}

#[derive(Default)]
struct Gaps {
    lines: Vec<usize>,
}

impl Visit<'_> for Gaps {
    fn visit_macro(&mut self, call: &syn::Macro) {
        if let Some(name) = call.path.segments.last()
            && name.ident == "not_written"
        {
            self.lines.push(name.ident.span().start().line);
        }
        visit::visit_macro(self, call);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAM: &str = "\
async fn count() {
    // common::not_written!() in a comment is no gap.
    println!(\"not_written!()\");
}

/// The start.
#[main]
async fn main() -> Result<(), Error> {
    if true {
        common::not_written!()
    }
    common::not_written!()
}
";

    #[test]
    fn functions_and_gaps_are_found_by_parsing() {
        let source = Source::parse(PROGRAM).unwrap();
        let names: Vec<_> = source.functions().iter().map(|one| (&*one.name, one.first)).collect();
        assert_eq!(names, [("count", 1), ("main", 8)]);
        let gap = |line| Gap { line, function: "main".into() };
        assert!(source.gaps().eq([gap(10), gap(12)]));
        let line = |function: &str, near: &[&str]| {
            let (look, near) = (String::new(), near.iter().map(|text| (*text).into()).collect());
            let clue = Clue { function: function.into(), near, look, nearly: None };
            source.place(&clue).map(|(function, line)| (&*function.name, line))
        };
        assert_eq!(line("main", &["no such text", "true"]), Some(("main", 9)));
        assert_eq!(line("main", &["println", "true"]), Some(("count", 3)));
        assert_eq!(line("main", &[]), Some(("main", 8)));
        assert_eq!(line("gone", &[]), None);
        let count = source.function("count").unwrap();
        let code: Vec<_> = source.code(count).map(|(number, _)| number).collect();
        assert_eq!(code, [1, 3, 4]);
        assert!(Source::parse("fn main() {").is_none());
    }

    #[test]
    fn no_nesting_is_too_deep_for_the_stack() {
        let main = |expression: String| Source::parse(&format!("fn main() {{ {expression} }}"));
        let nested = |depth| "(".repeat(depth) + "1" + &")".repeat(depth);
        assert!(main(nested(MOST_BRACKETS - 1)).is_some());
        assert!(main(nested(MOST_BRACKETS)).is_none());
        assert!(main(nested(10_000)).is_none());
        // Without brackets.
        for part in ["!", "&", "-", "1+", "a=", "||", "return ", "if a {} else ", "a..", "*"] {
            let _ = main(part.repeat(MOST_TOKENS) + "a");
            let repeated = part.repeat(MOST_TOKENS / 4 - 3);
            let _ = main(repeated.clone() + "{}");
            let _ = main(repeated + "a");
        }
        for (left, right) in [("A<", ">"), ("&", ""), ("<", ""), ("fn()->", "")] {
            for depth in [MOST_TOKENS, MOST_TOKENS - 20, MOST_TOKENS / 3 - 10] {
                let _ = main(format!("let a: {}A{};", left.repeat(depth), right.repeat(depth)));
            }
        }
        let calls = |number: usize| main("a();".repeat(number));
        assert!(calls(MOST_TOKENS / 3 - 10).is_some());
        assert!(calls(MOST_TOKENS / 3 + 1).is_none());
    }
}
