//! The pictures of runs, as SVG and as text: nothing covers anything else, and everyone can read
//! them. Checked on the pictures of the repository, and on made-up runs that are harder to draw.

use checker::timeline::{self, Characters, Mark, Row, Size, Span, State, Timeline, Turn, Whose};
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use svg::node::element::tag::Type;
use svg::parser::{Event, Parser};
use unicode_width::UnicodeWidthStr;

/// The timelines that are hard to draw, each with its name.
fn hard() -> Vec<(String, Timeline)> {
    let mut all = Vec::new();
    let mut add = |name: &str, rows| all.push((name.to_owned(), timeline(rows)));
    add("nothing", vec![]);
    add("one line", vec![row("count 1", &[(0.0, "One")])]);
    for seconds in [0.5, 0.04, 40.0, 150.0, 86_400.0] {
        let marks = [(0.0, "first"), (seconds / 2.0, "second one"), (seconds, "the last one")];
        add(&format!("{seconds} s"), vec![row("chain 1", &marks), row("chain 2", &marks)]);
    }
    let many = |count: usize| {
        let marks = [(0.0, "part1, 0 s"), (0.0, ""), (0.0, "part2, 4 s"), (4.0, ""), (4.0, "done")];
        (0..count).map(|index| row(&format!("chain {index}"), &marks)).collect::<Vec<_>>()
    };
    add("20 chains", many(20));
    add("200 chains", many(200));
    add("long labels", vec![row(&"long label ".repeat(30), &[(0.0, "a"), (1.0, "b")])]);
    let long = "a line that is much longer than any picture is wide. ".repeat(5);
    let long = long.trim();
    let word = "word".repeat(60);
    let texts = [(0.0, long), (0.0, &*word), (0.5, long), (1.0, &*word), (1.0, "end")];
    add("long texts", vec![row("main", &texts)]);
    add(
        "wide letters",
        vec![row("協程協程協程", &[(0.0, "第一行"), (0.2, "第二行"), (1.0, "完成完成完成")])],
    );
    add("markup", vec![row("<b>&\"'", &[(0.0, "</text>&amp;"), (1.0, "<!-- ]]>")])]);
    let at = |index: usize| index as f64 * 0.3;
    let dense: Vec<_> = (0..40).map(|index| (at(index), format!("n{index}"))).collect();
    add("40 events", vec![row("makerandom(0)", &dense), row("makerandom(1)", &dense[..7])]);
    let same: Vec<_> = (0..40).map(|index| (1.0, format!("line{index}"))).collect();
    add("40 at once", vec![row("start", &[(0.0, "x")]), row("main", &same)]);
    let long: Vec<_> = (0..40).map(|index| (at(index), format!("the long text {index}"))).collect();
    add("40 long texts", vec![row("main", &long)]);
    let almost: Vec<_> = (0..10).map(|index| (f64::from(index) * 0.1, "done")).collect();
    add("almost at once", vec![row("main", &[&almost[..], &[(9.0, "done")]].concat())]);
    let states = [State::Runs, State::Waits, State::WantsToRun];
    for (index, (name, timeline)) in all.clone().into_iter().enumerate() {
        all.push((format!("{name}, with a thread"), with_a_thread(timeline, states[index % 3])));
    }
    all
}

/// The same with all states, an end of each row, and a row for the thread.
fn with_a_thread(mut timeline: Timeline, first: State) -> Timeline {
    let states = [State::Runs, State::Waits, State::WantsToRun];
    let first = states.iter().position(|state| *state == first).unwrap();
    let mut turns = Vec::new();
    for (index, row) in timeline.rows.iter_mut().enumerate() {
        for (span, number) in row.states.iter_mut().zip(first..) {
            span.state = states[number % 3];
            if index == 0 {
                let whose = [Whose::Held(Some(0)), Whose::Asleep, Whose::Held(None)][number % 3];
                turns.push(Turn { from: span.from, to: span.to, whose });
            }
        }
        row.ended = row.marks.last().map(|mark| mark.at);
        let middles = row.states.iter().map(|it| (it.from + it.to) / 2.0).collect::<Vec<_>>();
        row.states.extend(middles.iter().map(|at| span(*at, *at, State::Runs)));
        timeline.moments.extend(middles);
    }
    timeline.thread = Some(turns);
    timeline
}

/// A row that waits between any two of its marks.
fn row<Text: AsRef<str>>(label: &str, marks: &[(f64, Text)]) -> Row {
    let mark = |(at, text): &(f64, Text)| Mark { at: *at, line: 0, text: text.as_ref().into() };
    let states = marks.windows(2).map(|pair| span(pair[0].0, pair[1].0, State::Waits)).collect();
    let marks = marks.iter().map(mark).collect();
    Row { label: label.into(), marks, states, ..Row::default() }
}

fn span(from: f64, to: f64, state: State) -> Span {
    Span { from, to, state }
}

/// The timeline of these rows, with their lines in order.
fn timeline(mut rows: Vec<Row>) -> Timeline {
    let mut marks: Vec<_> = rows.iter_mut().flat_map(|row| &mut row.marks).collect();
    marks.sort_by(|one, other| one.at.total_cmp(&other.at));
    let lines: Vec<_> = marks
        .iter_mut()
        .enumerate()
        .map(|(line, mark)| {
            mark.line = line;
            (mark.at, mark.text.clone())
        })
        .collect();
    let moments = lines.iter().map(|(at, _)| *at).collect();
    Timeline { rows, lines, thread: None, now: None, moments }
}

/// Every picture of an exercise, by its path. An exercise is a folder with a starter.
fn drawn() -> Vec<(String, String)> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = fs::read_dir(crates).unwrap().map(|entry| entry.unwrap().path());
    let exercises = folders.filter(|path| path.join("examples").is_dir());
    let files = exercises.flat_map(|path| fs::read_dir(path).unwrap());
    let files = files.map(|entry| entry.unwrap().path());
    let pictures: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "svg"))
        .map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap()))
        .collect();
    assert!(pictures.len() >= 5, "{} pictures", pictures.len());
    pictures
}

/// The pictures of the exercises, and the hard ones in several sizes.
fn pictures() -> Vec<(String, String)> {
    let mut pictures = drawn();
    for (name, timeline) in hard() {
        for (width, seconds) in [(300.0, 1.0), (400.0, 3.0), (760.0, 1.0), (4000.0, 1000.0)] {
            let svg = timeline::svg(&timeline, Size { width, seconds });
            pictures.push((format!("{name}, {width} px"), svg));
        }
    }
    pictures
}

/// A drawn shape, with its class and its text.
#[derive(Clone, Debug)]
struct Shape {
    class: String,
    text: String,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Shape {
    fn is_text(&self) -> bool {
        !self.text.is_empty()
    }

    fn covers(&self, other: &Self) -> bool {
        let apart = |from: f64, to: f64| to <= from + 0.11;
        !(apart(self.left, other.right)
            || apart(other.left, self.right)
            || apart(self.top, other.bottom)
            || apart(other.top, self.bottom))
    }

    fn holds(&self, other: &Self) -> bool {
        self.left <= other.left
            && other.right <= self.right
            && self.top <= other.top
            && other.bottom <= self.bottom
    }
}

/// The shapes of a picture, the first of them the picture itself. Letters are assumed to be as wide
/// as in the widest of the fonts.
fn shapes(svg: &str) -> Vec<Shape> {
    let sizes = &rules(svg)[0];
    let size = |class: &str| {
        let own = sizes.get(&format!(".timeline .{class} font-size"));
        own.map_or(13.0, |size| size.strip_suffix("px").unwrap().parse().unwrap())
    };
    let mut shapes: Vec<Shape> = Vec::new();
    let mut text: Option<Shape> = None;
    for event in Parser::new(svg) {
        match event {
            Event::Error(error) => panic!("{error}"),
            Event::Tag("text", Type::End, _) => shapes.extend(text.take()),
            Event::Tag(name, Type::Start | Type::Empty, attributes) => {
                let get = |name: &str| attributes.get(name).map(|value| value.to_string());
                let number = |name: &str| get(name).and_then(|value| value.parse::<f64>().ok());
                let class = get("class").unwrap_or_default();
                let (x, y) = (number("x").unwrap_or(0.0), number("y").unwrap_or(0.0));
                let (left, right, top, bottom) = match name {
                    "svg" => (0.0, number("width").unwrap(), 0.0, number("height").unwrap()),
                    "rect" if class == "ground" => continue,
                    "rect" => (x, x + number("width").unwrap(), y, y + number("height").unwrap()),
                    "line" => {
                        let x = number("x1").unwrap();
                        (x - 0.5, x + 0.5, number("y1").unwrap(), number("y2").unwrap())
                    }
                    "text" => (x, x, y - size(&class) * 0.9, y + size(&class) * 0.25),
                    _ => continue,
                };
                let shape = Shape { class, text: String::new(), left, right, top, bottom };
                if name == "text" {
                    let anchor = get("text-anchor").unwrap_or_default();
                    text = Some(Shape { text: anchor, ..shape });
                } else {
                    shapes.push(shape);
                }
            }
            Event::Text(content) => {
                let Some(shape) = &mut text else { continue };
                let content = content.trim();
                let content = content.replace("&lt;", "<").replace("&gt;", ">");
                let content = content.replace("&quot;", "\"").replace("&amp;", "&");
                let width = content.width() as f64 * size(&shape.class) * 0.62;
                let before = if shape.text == "middle" { width / 2.0 } else { 0.0 };
                shape.left -= before;
                shape.right = shape.left + width;
                shape.text = content;
            }
            _ => {}
        }
    }
    shapes
}

/// The style of a picture in light mode and in dark mode: values by selector and property.
fn rules(svg: &str) -> [HashMap<String, String>; 2] {
    let style = svg.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let (light, dark) = style.split_once("@media (prefers-color-scheme: dark) {").unwrap();
    let read = |style: &str| {
        let mut rules = HashMap::new();
        for rule in style.lines().filter_map(|line| line.strip_suffix(" }")) {
            let (selector, declarations) = rule.split_once(" { ").unwrap();
            for declaration in declarations.split_terminator(';') {
                let (property, value) = declaration.split_once(": ").unwrap();
                rules.insert(format!("{selector} {}", property.trim()), value.to_owned());
            }
        }
        rules
    };
    let light = read(light);
    let dark: HashMap<_, _> = light.clone().into_iter().chain(read(dark)).collect();
    [light, dark]
}

/// The contrast of two colors, by WCAG 2.
fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |color: &str| {
        let channel = |index: usize| {
            let channel = u8::from_str_radix(&color[index..index + 2], 16).unwrap();
            let channel = f64::from(channel) / 255.0;
            if channel <= 0.04045 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    };
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

#[test]
fn every_color_stands_out_from_its_background() {
    assert!((contrast("#ffffff", "#000000") - 21.0).abs() < 0.01);
    assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
    for (name, svg) in pictures() {
        for rules in rules(&svg) {
            let color = |name: &str| &*rules[&format!(".timeline {name}")];
            let ground = color(".ground fill");
            for (what, ground, least) in [
                ("text fill", ground, 4.5),
                (".second fill", ground, 4.5),
                (".number fill", color(".dot fill"), 4.5),
                (".runs fill", ground, 3.0),
                (".waits fill", ground, 3.0),
                (".wants stroke", ground, 3.0),
                (".end fill", ground, 3.0),
                (".dot stroke", ground, 3.0),
                (".dot stroke", color(".runs fill"), 3.0),
            ] {
                let ratio = contrast(color(what), ground);
                assert!(ratio >= least, "{name}: {what} {ratio:.2} : 1 on {ground}");
            }
            let fills = rules.keys().filter(|key| key.ends_with(" fill")).count();
            assert_eq!(fills, 8, "a color that is not judged: {rules:?}");
        }
    }
}

#[test]
fn turns_in_any_order_are_drawn() {
    let rows = || vec![row("a", &[(0.0, "One"), (3.0, "Two")]), row("b", &[(0.0, "One")])];
    let turn = |from, to, whose| Turn { from, to, whose };
    let times = [-9.0, 0.0, 0.3, 1.0, 2.0, 3.0, 99.0, f64::INFINITY];
    for (from, to) in times.iter().flat_map(|from| times.map(|to| (*from, to))) {
        let turns = vec![
            turn(0.0, 2.0, Whose::Held(Some(0))),
            turn(from, to, Whose::Held(Some(1))),
            turn(from, to, Whose::Asleep),
            turn(to, from, Whose::Held(None)),
        ];
        let timeline = Timeline { thread: Some(turns), ..timeline(rows()) };
        let svg = timeline::svg(&timeline, Size::PAGE);
        assert!(svg.starts_with("<svg"));
        let text = timeline::text(&timeline, 60, Characters::UNICODE);
        assert!(text.iter().all(|line| line.width() <= 60), "{text:#?}");
    }
}

#[test]
fn a_picture_has_its_own_background() {
    for (name, svg) in pictures() {
        let shapes = svg.split('<').filter(|tag| {
            ["rect", "line", "text", "circle", "path"].iter().any(|shape| tag.starts_with(shape))
        });
        let first = shapes.into_iter().next().unwrap();
        for part in ["class=\"ground\"", "width=\"100%\"", "height=\"100%\"", "rx=\"6\""] {
            assert!(first.contains(part), "{name} begins with {first}");
        }
        assert!(!svg.contains("foreignObject") && !svg.contains("<script"), "{name}");
    }
}

#[test]
fn nothing_covers_a_text_or_a_dot() {
    for (name, svg) in pictures() {
        let shapes = shapes(&svg);
        let (picture, shapes) = shapes.split_first().unwrap();
        let is = |class: &'static str| shapes.iter().filter(move |shape| shape.class == class);
        let mut texts: Vec<_> = shapes.iter().filter(|shape| shape.is_text()).collect();
        for shape in shapes {
            assert!(picture.holds(shape), "{name}: {shape:?} is cut off");
        }
        for number in is("number") {
            assert!(is("dot").any(|dot| dot.holds(number)), "{name}: {number:?} is in no dot");
        }
        texts.retain(|text| text.class != "number");
        let solid: Vec<_> = texts.iter().copied().chain(is("dot")).collect();
        for (index, one) in solid.iter().enumerate() {
            let next = solid[index + 1..].iter().find(|other| one.covers(other));
            assert!(next.is_none(), "{name}: {one:?} covers {next:?}");
        }
        for text in texts {
            let lines = ["grid", "runs", "waits", "wants", "end"].into_iter().flat_map(is);
            let line = lines.into_iter().find(|line| line.covers(text));
            assert!(line.is_none(), "{name}: {line:?} goes through {text:?}");
        }
    }
}

#[test]
fn lines_of_the_same_moment_are_a_stack() {
    for (name, svg) in pictures() {
        for row in svg.split("class=\"row\"").skip(1) {
            let mut stacks: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
            for dot in row.split("<title>line ").skip(1) {
                let (title, dot) = dot.split_once("</title>").unwrap();
                let at = title.split_once(" at ").unwrap().1.split(" s: ").next().unwrap();
                // Dots are as wide as their numbers, so compare the middle.
                let number = dot.split("class=\"number\"").nth(1).unwrap();
                let get = |name| number.split(name).nth(1).unwrap().split('"').next().unwrap();
                stacks.entry(at).or_default().push((get(" x=\""), get(" y=\"")));
            }
            for (at, stack) in stacks {
                assert!(stack.iter().all(|(x, _)| *x == stack[0].0), "{name} at {at} s: {stack:?}");
                let heights: Vec<f64> = stack.iter().map(|(_, y)| y.parse().unwrap()).collect();
                assert!(heights.is_sorted(), "{name} at {at} s: {heights:?}");
            }
        }
    }
}

#[test]
fn a_picture_tells_its_story_to_those_who_hear_it() {
    let mut ids = BTreeMap::new();
    for (name, svg) in pictures() {
        let root = svg.split('>').next().unwrap();
        assert!(root.contains("role=\"img\""), "{name}: {root}");
        let labels = root.split("aria-labelledby=\"").nth(1).unwrap().split('"').next().unwrap();
        let (title_id, story_id) = labels.split_once(' ').unwrap();
        let content = |tag: &str, id: &str| {
            let begin = format!("<{tag} id=\"{id}\">");
            let content = svg.split(&begin).nth(1).unwrap_or_else(|| panic!("{name}: no {begin}"));
            content.split("</").next().unwrap().trim().to_owned()
        };
        let (title, story) = (content("title", title_id), content("desc", story_id));
        assert!(
            title.starts_with("Timeline of a run: ") && !title.contains('\n'),
            "{name}: {title}"
        );
        // The same id means the same words: on a page with others, no picture tells another's
        // story.
        let words = (title, story);
        let others = ids.entry(labels.to_owned()).or_insert(words.clone());
        assert_eq!(*others, words, "{name}");
    }
    assert!(ids.len() > 15, "{ids:?}");
}

#[test]
fn a_story_says_who_waits_when_and_how_long_it_takes() {
    let svg = timeline::svg(
        &timeline(vec![
            row("count 1", &[(0.001, "One"), (1.002, "Two")]),
            row("count 2", &[(0.0, "a"), (1.0, "b"), (1.5, "c"), (2.0, "d"), (3.0, "e")]),
            row("main", &[(4.0, "end")]),
        ]),
        Size::PAGE,
    );
    for text in [
        ">Timeline of a run: 4 s of waiting in 4 s<",
        ">count 1 waits from 0 s to 1 s. count 2 waits 4 times, from 0 s to 3 s. main prints line 8 \
         at 4 s. The last line comes after 4 s.<",
    ] {
        assert!(svg.contains(text), "{text} is not in {svg}");
    }
}

#[test]
fn a_legend_says_what_the_shapes_are() {
    for (name, svg) in pictures() {
        let legend = svg.split("class=\"legend\"").nth(1).unwrap();
        let picture = svg.split("class=\"legend\"").next().unwrap();
        for (class, words) in [
            ("runs", "runs"),
            ("waits", "waits"),
            ("wants", "wants to run, thread taken"),
            ("end", "done"),
            ("dot", "prints line n of the output"),
        ] {
            let shape = format!("class=\"{class}\"");
            if picture.contains(&shape) {
                assert!(legend.contains(&shape), "{name}: no {class} in {legend}");
                assert!(legend.contains(&format!("\n{words}")), "{name}: no {words} in {legend}");
            }
        }
    }
}

#[test]
fn pictures_are_legible_on_a_phone() {
    // What is left of 360 pixels on a GitHub page.
    const SHOWN: f64 = 328.0;
    let default = timeline::svg(&Timeline::default(), Size::PAGE);
    for (name, svg) in drawn().into_iter().chain([("the default".into(), default)]) {
        let width = shapes(&svg)[0].right;
        let styles = &rules(&svg)[0];
        let sizes = styles.iter().filter(|(key, _)| key.ends_with(" font-size"));
        let sizes = sizes.map(|(_, size)| size.strip_suffix("px").unwrap().parse::<f64>().unwrap());
        let smallest = sizes.chain([13.0]).fold(f64::INFINITY, f64::min);
        assert!(smallest * SHOWN / width >= 9.0, "{name}: {smallest} px at {width}");
        assert!(13.0 * SHOWN / width >= 10.5, "{name} is {width} px wide");
    }
}

/// Whether the text is in one of the lines, with nothing but spaces and bars on either side.
fn stands_in(lines: &[String], text: &str) -> bool {
    let is_free = |character: Option<char>| character.is_none_or(|it| " ─█·┤-#.|".contains(it));
    lines.iter().any(|line| {
        line.match_indices(text).any(|(index, _)| {
            let (before, after) = (&line[..index], &line[index + text.len()..]);
            is_free(before.chars().next_back()) && is_free(after.chars().next())
        })
    })
}

#[test]
fn texts_in_a_terminal_do_not_run_together() {
    for (name, timeline) in hard() {
        let labels = timeline.rows.iter().map(|row| row.label.width()).max().unwrap_or(0);
        for (characters, ellipsis) in [(Characters::UNICODE, "…"), (Characters::ASCII, "...")] {
            for width in (0..100).chain((100..=300).step_by(20)) {
                let lines = timeline::text(&timeline, width, characters);
                for line in &lines {
                    assert!(line.width() <= width.max(20), "{name} at {width}: {line}");
                }
                for mark in timeline.rows.iter().flat_map(|row| &row.marks) {
                    let is_cut = || {
                        (1..mark.text.len()).filter(|end| mark.text.is_char_boundary(*end)).any(
                            |end| stands_in(&lines, &format!("{}{ellipsis}", &mark.text[..end])),
                        )
                    };
                    let fits = labels + 2 + mark.text.width() <= width;
                    assert!(
                        stands_in(&lines, &mark.text) || (!fits && is_cut()),
                        "{name} at {width}: no {:?} in\n{}",
                        mark.text,
                        lines.join("\n")
                    );
                }
            }
        }
    }
}

#[test]
fn a_picture_in_a_terminal_looks_like_this() {
    let chains = timeline(vec![
        row("chain 1", &[(0.0, "part1, 4 s"), (4.0, "part2, 7 s"), (11.0, "done")]),
        row("chain 3", &[(0.0, "part1, 0 s"), (0.0, "part2, 4 s"), (4.0, "done")]),
        Row { states: vec![], ..row("main", &[(11.0, "Program finished in 11.00 seconds.")]) },
    ]);
    assert_eq!(
        timeline::text(&chains, 64, Characters::ASCII).join("\n"),
        "\
chain 1  part1, 4 s-------part2, 7 s--------------------done
chain 3  part1, 0 s
         part2, 4 s-------done
main                          Program finished in 11.00 seconds.
         '        '       '        '       '        '
         0 s      2 s     4 s      6 s     8 s      10 s
- waits"
    );
    assert_eq!(
        timeline::text(&chains, 24, Characters::UNICODE).join("\n"),
        "\
chain 1
      part2, 7 s
part1, 4 s──────done
chain 3
      done
part1, 0 s
part2, 4 s
main
    Program finished in…
╵      ╵       ╵
0 s    5 s     10 s
─ waits"
    );
    let end = timeline(vec![row("main", &[(0.0, "x"), (1.0, "first"), (1.0, "the second one")])]);
    assert_eq!(
        timeline::text(&end, 32, Characters::ASCII)[..3],
        [
            "main                    first",
            "                  the second one",
            "      x-----------------"
        ]
    );
}

#[test]
fn a_flood_of_rows_in_a_terminal_is_cut_off() {
    for (count, more) in
        [(20, None), (21, Some("... and 1 more row")), (1028, Some("... and 1008 more rows"))]
    {
        let rows = (1..=count).map(|index| row(&format!("count {index}"), &[(0.0, "One")]));
        let flood = with_a_thread(timeline(rows.collect()), State::Runs);
        for width in [24, 80] {
            let lines = timeline::text(&flood, width, Characters::ASCII);
            let rows = lines.iter().filter(|line| line.starts_with("count ")).count();
            assert_eq!(rows, 20, "{}", lines.join("\n"));
            let said = lines.iter().find(|line| line.starts_with("... and"));
            assert_eq!(said.map(|line| &**line), more, "{}", lines.join("\n"));
            assert!(lines.len() < 70, "{}", lines.join("\n"));
        }
    }
}

/// Two counts with a sleep that blocks, and their thread.
fn blocking() -> Timeline {
    let mut timeline = timeline(vec![
        row("count 1", &[(0.0, "One"), (1.0, "Two")]),
        row("count 2", &[(1.0, "One"), (2.0, "Two")]),
    ]);
    for (index, row) in timeline.rows.iter_mut().enumerate() {
        let from = index as f64;
        row.states = vec![span(from, from + 1.0, State::Runs)];
        row.ended = Some(from + 1.0);
    }
    timeline.rows[1].states.insert(0, span(0.0, 1.0, State::WantsToRun));
    let turn = |row: usize| {
        let from = row as f64;
        Turn { from, to: from + 1.0, whose: Whose::Held(Some(row)) }
    };
    timeline.thread = Some(vec![turn(0), turn(1)]);
    timeline
}

#[test]
fn states_in_a_terminal_look_like_this() {
    let mut timeline = blocking();
    assert_eq!(
        timeline::text(&timeline, 54, Characters::ASCII).join("\n"),
        "\
count 1     One##############Two|
count 2     .................One##############Two|
the thread  #count 1##########count 2##########
            '                '                '
            0 s              1 s              2 s
# runs, one column at least   - waits or is asleep
. wants to run, thread taken   | done"
    );
    timeline.rows.truncate(1);
    // It was polled in the middle, and printed nothing.
    let polls = [0.0, 0.5, 1.0].map(|at| span(at, at, State::Runs));
    timeline.rows[0].states = [&[span(0.0, 1.0, State::Waits)], &polls[..]].concat();
    timeline.lines.truncate(2);
    timeline.moments = polls.map(|poll| poll.from).to_vec();
    timeline.thread = Some(vec![Turn { from: 0.0, to: 1.0, whose: Whose::Asleep }]);
    assert_eq!(
        timeline::text(&timeline, 46, Characters::UNICODE)[..2],
        ["count 1     One──────────█────────────Two┤", "the thread  █─asleep─────█────────────█"]
    );
}

#[test]
fn a_story_says_who_has_the_thread() {
    let mut timeline = blocking();
    let svg = timeline::svg(&timeline, Size::PAGE);
    for text in [
        ">Timeline of a run: 2 s of blocking in 2 s<",
        ">count 1 runs from 0 s to 1 s. count 2 wants to run from 0 s to 1 s, then runs from 1 s to \
         2 s. The thread is taken by count 1 from 0 s to 1 s, then taken by count 2 from 1 s to 2 s. \
         The last line comes after 2 s.<",
    ] {
        assert!(svg.contains(text), "{text} is not in {svg}");
    }
    timeline.thread = Some(vec![Turn { from: 0.0, to: 2.0, whose: Whose::Asleep }]);
    let svg = timeline::svg(&timeline, Size::PAGE);
    assert!(svg.contains("The thread is asleep almost all the time."), "{svg}");
}

#[test]
fn the_states_differ_in_their_shapes() {
    let mut timeline = blocking();
    timeline.rows[0].states[0].state = State::Waits;
    let shapes = shapes(&timeline::svg(&timeline, Size::PAGE));
    let height = |class: &str| {
        let shape = shapes.iter().find(|shape| shape.class == class).unwrap();
        shape.bottom - shape.top
    };
    assert!(height("waits") < 0.5 * height("runs"));
    let svg = timeline::svg(&timeline, Size::PAGE);
    let dashes = &rules(&svg)[0][".timeline .wants stroke-dasharray"];
    assert!(dashes.contains(' '), "{dashes}");
    let wants: Vec<_> = svg.lines().filter(|line| line.contains("class=\"wants\"")).collect();
    assert_eq!(wants.len(), 2, "one, and one in the legend");
    assert!(wants.iter().all(|shape| shape.contains("fill=\"none\"")), "{wants:?}");
}
