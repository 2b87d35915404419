//! A table of the teacher's, as CSV, of which single cells can be replaced: all other bytes stay as
//! they are, whatever the delimiter, the quoting, the line ends and the encoding.

use super::people::Person;
use crate::escape::legible;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

/// A table, and where its cells are.
pub struct Table {
    bytes: Vec<u8>,
    delimiter: u8,
    /// The raw cells of each row, with their quotes.
    rows: Vec<Vec<Range<usize>>>,
    /// What cells are replaced by: row, column, bytes.
    replaced: Vec<(usize, usize, Vec<u8>)>,
    /// Who is in which row.
    claimed: BTreeMap<usize, String>,
}

const QUOTE: u8 = b'"';
pub const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Table {
    /// Finds the cells of a CSV file, delimited by commas, semicolons or tabs.
    ///
    /// # Errors
    ///
    /// If it is empty, is an Excel workbook or in UTF-16, or a quote is not closed.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, String> {
        if bytes.starts_with(b"PK\x03\x04") {
            return Err("this is an Excel workbook: save it as CSV UTF-8".into());
        }
        if bytes.contains(&0) {
            return Err("not a CSV file in UTF-8: export it again as such".into());
        }
        let start = if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let delimiter = delimiter(&bytes[start..]);
        let rows = rows(&bytes, start, delimiter)?;
        match rows.first() {
            None => Err("it is empty".into()),
            Some(_) => {
                let (replaced, claimed) = (Vec::new(), BTreeMap::new());
                Ok(Self { bytes, delimiter, rows, replaced, claimed })
            }
        }
    }

    /// The first row that is not in UTF-8.
    #[must_use]
    pub fn row_of_other_encoding(&self) -> Option<usize> {
        let is_other = |cell: &Range<usize>| str::from_utf8(&self.bytes[cell.clone()]).is_err();
        self.rows.iter().position(|row| row.iter().any(is_other))
    }

    /// The only column with this header, if there is one: in other letter case only if there is none in
    /// this, as versions of a platform differ in that.
    ///
    /// # Errors
    ///
    /// If there are several.
    pub fn column(&self, wanted: &str) -> Result<Option<usize>, String> {
        let all = |is_it: &dyn Fn(&str) -> bool| -> Vec<_> {
            (0..self.rows[0].len()).filter(|&column| is_it(&self.cell(0, column))).collect()
        };
        let exact = all(&|header| header == wanted);
        let is_alike = |header: &str| header.to_lowercase() == wanted.to_lowercase();
        let found = if exact.is_empty() { all(&is_alike) } else { exact };
        match found[..] {
            [] => Ok(None),
            [column] => Ok(Some(column)),
            _ => Err(format!("there are two columns named {wanted}: rename one")),
        }
    }

    #[must_use]
    pub fn height(&self) -> usize {
        self.rows.len()
    }

    /// The first row.
    pub fn header(&self) -> impl Iterator<Item = Cow<'_, str>> {
        (0..self.rows[0].len()).map(|column| self.cell(0, column))
    }

    /// The text of a cell, without its quotes and the space around it; empty if there is none.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> Cow<'_, str> {
        let Some(span) = self.span(row, column) else { return Cow::default() };
        match unquoted(&self.bytes[span]) {
            Cow::Borrowed(bytes) => match String::from_utf8_lossy(bytes) {
                Cow::Borrowed(text) => text.trim().into(),
                Cow::Owned(text) => text.trim().to_owned().into(),
            },
            Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).trim().to_owned().into(),
        }
    }

    /// Replaces a number. It is quoted if the cell was, or has to be.
    ///
    /// # Errors
    ///
    /// If the row has no such cell.
    pub fn replace(&mut self, row: usize, column: usize, number: &str) -> Result<(), String> {
        let span = self.span(row, column);
        let span = span.ok_or_else(|| {
            format!(
                "Row {} is too short to have a cell for the grade, and was left as it was.",
                row + 1
            )
        })?;
        let is_quoted = self.bytes[span].starts_with(&[QUOTE]);
        let number = match is_quoted || number.as_bytes().contains(&self.delimiter) {
            true => format!("\"{number}\""),
            false => number.to_owned(),
        };
        self.replaced.push((row, column, number.into_bytes()));
        Ok(())
    }

    /// The row that was found of a person, now noted as theirs, in this table, which is called so. If
    /// it is somebody else's as well, its cell in this column stays as it was.
    ///
    /// # Errors
    ///
    /// What the teacher should know, if there is no row, or it is somebody else's as well.
    pub fn claim(
        &mut self,
        row: Option<usize>,
        column: usize,
        person: &Person,
        table: &str,
    ) -> Result<usize, String> {
        let row = row.ok_or_else(|| format!("{} is not in {table}.", person.name))?;
        let who = &person.platform_name;
        let Some(other) = self.claimed.insert(row, who.clone()) else { return Ok(row) };
        self.replaced.retain(|&(replaced, of, _)| (replaced, of) != (row, column));
        let (other, who) = (legible(&other), legible(who));
        let row = row + 1;
        Err(format!("{other} and {who} both match row {row} of {table}, which was left as it was."))
    }

    /// The table with the cells that were replaced.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        // The last word on a cell counts.
        self.replaced.reverse();
        self.replaced.sort_by_key(|&(row, column, _)| (row, column));
        self.replaced.dedup_by_key(|&mut (row, column, _)| (row, column));
        let mut filled = Vec::new();
        let mut from = 0;
        for (row, column, bytes) in &self.replaced {
            let span = &self.rows[*row][*column];
            filled.extend(&self.bytes[from..span.start]);
            filled.extend(bytes);
            from = span.end;
        }
        filled.extend(&self.bytes[from..]);
        filled
    }

    fn span(&self, row: usize, column: usize) -> Option<Range<usize>> {
        self.rows.get(row)?.get(column).cloned()
    }
}

/// The delimiter that the first line has most of.
fn delimiter(bytes: &[u8]) -> u8 {
    let mut is_quoted = false;
    let mut counts = [(b'\t', 0), (b';', 0), (b',', 0)];
    for byte in bytes {
        match byte {
            &QUOTE => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            _ if is_quoted => {}
            _ => counts.iter_mut().filter(|(it, _)| it == byte).for_each(|(_, count)| *count += 1),
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| delimiter)
}

/// The rows that are not empty.
fn rows(bytes: &[u8], start: usize, delimiter: u8) -> Result<Vec<Vec<Range<usize>>>, String> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut from = start;
    let mut quoted_since = None;
    for (at, &byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            // A doubled quote closes the text and opens it again, which comes to the same.
            QUOTE if quoted_since.is_some() => quoted_since = None,
            QUOTE if from == at || (bytes[from] == QUOTE && bytes[at - 1] == QUOTE) => {
                quoted_since = Some(rows.len());
            }
            _ if quoted_since.is_some() => {}
            b'\n' | b'\r' => {
                if !row.is_empty() || from < at {
                    row.push(from..at);
                    rows.push(std::mem::take(&mut row));
                }
                from = at + 1;
            }
            _ if byte == delimiter => {
                row.push(from..at);
                from = at + 1;
            }
            _ => {}
        }
    }
    if let Some(row) = quoted_since {
        return Err(format!("a quote in row {} is not closed", row + 1));
    }
    if !row.is_empty() || from < bytes.len() {
        row.push(from..bytes.len());
        rows.push(row);
    }
    Ok(rows)
}

fn unquoted(raw: &[u8]) -> Cow<'_, [u8]> {
    let inside = raw.strip_prefix(&[QUOTE]).and_then(|raw| raw.strip_suffix(&[QUOTE]));
    let Some(inside) = inside else { return raw.into() };
    if !inside.contains(&QUOTE) {
        return inside.into();
    }
    // Of two quotes, one is left.
    let mut is_first = false;
    let mut text = inside.to_vec();
    text.retain(|&byte| {
        is_first = byte == QUOTE && !is_first;
        !is_first
    });
    text.into()
}

/// Whether it is a number such as `40,00`. That of `1,000` may be no decimal comma.
#[must_use]
pub fn is_with_comma(cell: &str) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let has_decimals = |part: &str| is_digits(part) && part.len() != 3;
    cell.split_once(',').is_some_and(|(whole, part)| is_digits(whole) && has_decimals(part))
}
