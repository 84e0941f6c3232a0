//! What people write, from markdown to laid-out blocks: bold, italic, strike, code, quotes, lists, links, mentions.
//!
//! Hostile text costs nothing more than its length: everything is read once, from left to right.

mod address;

use artel_node::client::Channel;
use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Color32, FontId, Stroke};

use crate::model::Model;
use crate::theme::Tokens;
use crate::timeline::copied::FIRM;
use crate::{fonts, links};

/// Characters of one message that are laid out; the rest is named by a mark. A screen holds a twentieth.
const CHARS_MAX: usize = 40_000;
/// Accents on one letter that are drawn; more would run over the rows above.
const MARKS_MAX: usize = 3;
/// Room beside a stretch that has a frame, points.
const AIR: f32 = 3.0;
/// Left out of the text: marks that turn its direction and so show what is not written.
const TURNING: [char; 9] =
    ['\u{202A}', '\u{202B}', '\u{202C}', '\u{202D}', '\u{202E}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}'];

/// What a block is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Para,
    Quote,
    /// With what stands before it: a dot, or a number.
    Item(Option<String>),
    Code {
        lang: String,
    },
}

/// A stretch of a block that is more than text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Code,
    /// Of this person, or of another or all; of a person with the mail address.
    Mention {
        own: bool,
        email: Option<String>,
    },
    /// A place, by its id.
    Place(String),
    Link(String),
}

/// A block, ready to be laid out.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) kind: Kind,
    pub(crate) job: LayoutJob,
    /// Begin and end, in characters.
    pub(crate) marks: Vec<(usize, usize, Mark)>,
}

/// What reading needs to know.
pub(crate) struct Reading<'a> {
    pub(crate) t: &'a Tokens,
    /// Mail address of the reader.
    pub(crate) me: &'a str,
    /// Name of the person with a mail address.
    pub(crate) name: &'a dyn Fn(&str) -> Option<String>,
    /// Of the team that is called so in a mention, its name and whether the reader is in it.
    pub(crate) team: &'a dyn Fn(&str) -> Option<(String, bool)>,
    /// Of the channel that a text behind `#` begins with: bytes of the text, the name, the id.
    pub(crate) channel: &'a dyn Fn(&str) -> Option<Named>,
    /// The name of a place, for links to messages in it.
    pub(crate) place: &'a dyn Fn(&str) -> Option<String>,
}

/// A channel that is named in a text: bytes of the text, the name, the id.
pub(crate) type Named = (usize, String, String);

/// How a team is called in a mention: one word.
pub(crate) fn team_word(name: &str) -> String {
    name.trim().replace(char::is_whitespace, "-")
}

/// The word behind `@` that a text begins with.
pub(crate) fn mention_word(text: &str) -> Option<&str> {
    let word = text.strip_prefix('@')?.split(|it: char| it.is_whitespace() || ",;()!?:".contains(it)).next()?;
    Some(word.trim_end_matches('.'))
}

/// Whether a word behind `@` calls everybody.
pub(crate) fn calls_all(word: &str) -> bool {
    matches!(word, "all" | "here" | "channel" | "все" | "тут" | "канал")
}

/// How a channel is called behind `#`: with its team where the name alone says too little.
pub(crate) fn channel_word(model: &Model, channel: &Channel) -> String {
    let same = model.directory.channels.iter().filter(|it| it.name.eq_ignore_ascii_case(&channel.name)).count();
    match &channel.team {
        Some(team) if 1 < same => format!("{team}/{}", channel.name),
        _ => channel.name.clone(),
    }
}

/// The channel whose name a text begins with, the longest of them.
pub(crate) fn channel_at(model: &Model, text: &str) -> Option<Named> {
    let mut best: Option<Named> = None;
    for channel in &model.directory.channels {
        if matches!(channel.kind.as_str(), "direct" | "group") {
            continue;
        }
        let word = channel_word(model, channel);
        let Some(begin) = text.get(..word.len()).filter(|it| it.to_lowercase() == word.to_lowercase()) else {
            continue;
        };
        let ends = text.get(word.len()..).and_then(|it| it.chars().next()).is_none_or(|it| !it.is_alphanumeric());
        if ends && best.as_ref().is_none_or(|it| it.0 < begin.len()) {
            best = Some((begin.len(), channel.name.clone(), channel.id.clone()));
        }
    }
    best
}

/// Text made harmless: no marks that turn direction, no towers of accents.
pub(crate) fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(CHARS_MAX * 2));
    let mut accents = 0;
    for (at, it) in text.chars().enumerate() {
        if at == CHARS_MAX {
            out.push('…');
            break;
        }
        let accent = matches!(it, '\u{0300}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{20D0}'..='\u{20FF}');
        accents = if accent { accents + 1 } else { 0 };
        let control = it.is_control() && it != '\n' && it != '\t';
        if accents <= MARKS_MAX && !control && !TURNING.contains(&it) {
            out.push(it);
        }
    }
    out
}

/// Reads a message.
pub(crate) fn read(text: &str, reading: &Reading<'_>) -> Vec<Block> {
    let text = harmless(text);
    let mut blocks = Vec::new();
    let mut para = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let special = if let Some(lang) = line.strip_prefix("```") {
            let code: Vec<&str> = lines.by_ref().take_while(|it| !it.starts_with("```")).collect();
            Some(code_block(&code.join("\n"), lang.trim(), reading.t))
        } else if let Some(quoted) = line.strip_prefix("> ") {
            Some(inline(quoted, Kind::Quote, reading))
        } else if let Some((number, item)) = item(line) {
            Some(inline(item, Kind::Item(number), reading))
        } else {
            None
        };
        match special {
            Some(block) => {
                flush(&mut para, &mut blocks, reading);
                blocks.push(block);
            }
            None => {
                if !para.is_empty() {
                    para.push('\n');
                }
                para.push_str(line);
            }
        }
    }
    flush(&mut para, &mut blocks, reading);
    blocks
}

fn flush(para: &mut String, blocks: &mut Vec<Block>, reading: &Reading<'_>) {
    if !para.trim().is_empty() {
        blocks.push(inline(para.trim_end(), Kind::Para, reading));
    }
    para.clear();
}

/// `- item`, `* item`, `3. item`
fn item(line: &str) -> Option<(Option<String>, &str)> {
    if let Some(item) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Some((None, item));
    }
    let (number, item) = line.split_once(". ")?;
    let figures = (1..=3).contains(&number.len()) && number.bytes().all(|it| it.is_ascii_digit());
    figures.then(|| (Some(format!("{number}.")), item))
}

fn format(font: FontId, color: Color32, line_height: f32) -> TextFormat {
    TextFormat { font_id: font, color, line_height: Some(line_height), valign: Align::Center, ..TextFormat::default() }
}

/// A line being read.
struct Inline<'a> {
    reading: &'a Reading<'a>,
    job: LayoutJob,
    marks: Vec<(usize, usize, Mark)>,
    /// Characters in the job.
    chars: usize,
    /// Behind a stretch that has a frame, so that what follows stands off from it.
    framed: bool,
    plain: String,
    bold: bool,
    italic: bool,
    struck: bool,
    base: Color32,
    px: f32,
    line: f32,
}

fn inline(text: &str, kind: Kind, reading: &Reading<'_>) -> Block {
    let big = kind == Kind::Para && !text.is_empty() && text.chars().count() <= 6 && text.chars().all(is_emoji);
    let (px, line) = if big { (30.0, 40.0) } else { (14.5, 21.0) };
    let base = if kind == Kind::Quote { reading.t.text2 } else { reading.t.text };
    let mut inline = Inline {
        reading,
        job: LayoutJob::default(),
        marks: Vec::new(),
        chars: 0,
        framed: false,
        plain: String::new(),
        bold: false,
        italic: false,
        struck: false,
        base,
        px,
        line,
    };
    inline.read(text);
    Block { kind, job: inline.job, marks: inline.marks }
}

fn is_emoji(it: char) -> bool {
    matches!(it as u32, 0x1F000..=0x1FAFF | 0x2600..=0x27BF | 0x200D | 0xFE0F | 0x2B50)
}

impl Inline<'_> {
    fn read(&mut self, text: &str) {
        let mut rest = text;
        let mut before = ' ';
        while let Some(first) = rest.chars().next() {
            let taken = self.special(rest, before).unwrap_or_else(|| {
                self.plain.push(first);
                first.len_utf8()
            });
            let (read, left) = rest.split_at_checked(taken.max(1)).unwrap_or((rest, ""));
            before = read.chars().next_back().unwrap_or(' ');
            rest = left;
        }
        self.flush();
    }

    /// Bytes of a mark, a link, a mention or code that begins here.
    fn special(&mut self, rest: &str, before: char) -> Option<usize> {
        if rest.starts_with("**") && (self.bold || rest.get(2..)?.contains("**")) {
            self.flush();
            self.bold = !self.bold;
            return Some(2);
        }
        if rest.starts_with("~~") && (self.struck || rest.get(2..)?.contains("~~")) {
            self.flush();
            self.struck = !self.struck;
            return Some(2);
        }
        let sign = rest.chars().next().filter(|it| matches!(it, '*' | '_'));
        if let Some(sign) = sign
            && self.italic_mark(rest, sign, before)
        {
            self.flush();
            self.italic = !self.italic;
            return Some(1);
        }
        if let Some(inside) = rest.strip_prefix('`') {
            let code = inside.split_once('`').map(|it| it.0).filter(|it| !it.is_empty() && !it.contains('\n'))?;
            let font = format(fonts::mono(13.0), self.reading.t.code_mark, self.line);
            self.span(code, font, Mark::Code);
            return Some(code.len() + 2);
        }
        if let Some((taken, address)) = address::bare(rest, before) {
            self.link(rest.get(..taken)?, address);
            return Some(taken);
        }
        if rest.starts_with('[')
            && let Some((taken, name, address)) = address::named(rest)
        {
            self.link(name, address.to_owned());
            // What passes for another address is told where it leads.
            if address::passes_for_another(name, address) {
                self.plain.push_str(&format!(" ({address})"));
            }
            return Some(taken);
        }
        if rest.starts_with(links::MESSAGE) {
            return self.message_link(rest);
        }
        if rest.starts_with('@') && !before.is_alphanumeric() {
            return self.mention(rest);
        }
        if rest.starts_with('#') && !before.is_alphanumeric() && before != '#' {
            let (taken, name, id) = (self.reading.channel)(rest.get(1..)?)?;
            let font = format(fonts::medium(self.px), self.reading.t.accent_text, self.line);
            self.span(&format!("#{name}"), font, Mark::Place(id));
            return Some(taken + 1);
        }
        None
    }

    fn link(&mut self, shown: &str, address: String) {
        let font = format(fonts::text(self.px), self.reading.t.accent_text, self.line);
        self.span(shown, font, Mark::Link(address));
    }

    /// Whether an italic stretch begins or ends here. An underscore inside a word is a letter.
    fn italic_mark(&self, rest: &str, sign: char, before: char) -> bool {
        let after = rest.get(1..).unwrap_or_default();
        let next = after.chars().next().unwrap_or(' ');
        match self.italic {
            true => !before.is_whitespace() && (sign == '*' || !next.is_alphanumeric()),
            false => !next.is_whitespace() && next != sign && !before.is_alphanumeric() && after.contains(sign),
        }
    }

    fn mention(&mut self, rest: &str) -> Option<usize> {
        let word = mention_word(rest)?;
        let (name, own, email) = if calls_all(word) {
            (word.to_owned(), true, None)
        } else if let Some(name) = (self.reading.name)(word) {
            (name, word == self.reading.me, Some(word.to_owned()))
        } else {
            let (name, own) = (self.reading.team)(word)?;
            (name, own, None)
        };
        let color = if own { self.reading.t.text } else { self.reading.t.accent_text };
        let font = format(fonts::medium(self.px), color, self.line);
        self.span(&format!("@{name}"), font, Mark::Mention { own, email });
        Some(word.len() + 1)
    }

    /// A link to a message: shown as the place where it is.
    fn message_link(&mut self, rest: &str) -> Option<usize> {
        let text = address::trimmed(rest.split(char::is_whitespace).next()?);
        let link = links::read(text)?;
        let place = (self.reading.place)(&link.channel);
        let shown = place.map_or_else(|| text.to_owned(), |it| format!("#{it} \u{2197}"));
        let font = format(fonts::medium(self.px), self.reading.t.accent_text, self.line);
        self.span(&shown, font, Mark::Link(text.to_owned()));
        Some(text.len())
    }

    /// A stretch with a mark, and a little air around it.
    fn span(&mut self, text: &str, font: TextFormat, mark: Mark) {
        self.flush();
        let air = matches!(mark, Mark::Code | Mark::Mention { .. } | Mark::Place(_));
        let before = self.air() + if air && self.chars > 0 { AIR } else { 0.0 };
        let begin = self.chars;
        self.job.append(text, before, font);
        self.chars += text.chars().count();
        self.marks.push((begin, self.chars, mark));
        self.framed = air;
    }

    /// The room between a frame and what follows it. No character: a line could break there, before a full stop.
    fn air(&mut self) -> f32 {
        if std::mem::take(&mut self.framed) { AIR + 1.0 } else { 0.0 }
    }

    fn flush(&mut self) {
        if self.plain.is_empty() {
            return;
        }
        let font = if self.bold { fonts::semibold(self.px) } else { fonts::text(self.px) };
        let mut style = format(font, self.base, self.line);
        style.italics = self.italic;
        if self.struck {
            style.strikethrough = Stroke::new(1.0, self.base);
        }
        let text = std::mem::take(&mut self.plain);
        // A sign that the text font has in black is drawn by the emoji font when it asks for colour.
        for part in text.split_inclusive('\u{FE0F}') {
            let symbol = part.strip_suffix('\u{FE0F}').and_then(|it| it.chars().next_back());
            let plain = symbol.map_or(part, |it| part.get(..part.len() - it.len_utf8() - 3).unwrap_or(part));
            let air = self.air();
            self.job.append(plain, air, style.clone());
            if let Some(symbol) = symbol {
                let emoji = format(fonts::emoji(self.px), self.base, self.line);
                self.job.append(&format!("{symbol}\u{FE0F}"), 0.0, emoji);
            }
        }
        self.chars += text.chars().count();
    }
}

fn code_block(code: &str, lang: &str, t: &Tokens) -> Block {
    let mut job = LayoutJob::default();
    for (number, line) in code.split('\n').enumerate() {
        if number > 0 {
            job.append("\n", 0.0, format(fonts::mono(13.0), t.code_text, 20.0));
        }
        // Two strokes behind a colon belong to an address.
        let strokes = line.match_indices("//").map(|it| it.0);
        let comment = strokes.into_iter().find(|it| !line.get(..*it).is_some_and(|it| it.ends_with(':')));
        let comment =
            comment.or_else(|| line.find('#').filter(|it| line.get(..*it).is_some_and(|it| it.trim().is_empty())));
        let (body, comment) = line.split_at_checked(comment.unwrap_or(line.len())).unwrap_or((line, ""));
        let body = kept_indent(body);
        highlight(&body, &mut job, t);
        job.append(comment, 0.0, format(fonts::mono(13.0), t.text3, 20.0));
    }
    Block { kind: Kind::Code { lang: lang.chars().take(16).collect() }, job, marks: Vec::new() }
}

/// A line of code whose indent does not break: else a long name behind it would leave an empty line where the indent was.
fn kept_indent(line: &str) -> String {
    let code = line.trim_start_matches(' ');
    let indent = line.len() - code.len();
    format!("{}{code}", FIRM.to_string().repeat(indent))
}

/// Words that most languages share, names before a bracket, figures, types.
fn highlight(body: &str, job: &mut LayoutJob, t: &Tokens) {
    const WORDS: [&str; 30] = [
        "fn", "let", "mut", "if", "else", "self", "return", "match", "pub", "impl", "struct", "for", "while", "def",
        "class", "import", "from", "const", "var", "function", "async", "await", "use", "enum", "in", "not", "and",
        "or", "select", "where",
    ];
    let mut rest = body;
    while let Some(first) = rest.chars().next() {
        let word = first.is_alphanumeric() || first == '_';
        let end = rest.find(|it: char| (it.is_alphanumeric() || it == '_') != word).unwrap_or(rest.len());
        let (part, left) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let color = match part {
            _ if !word => t.code_text,
            _ if WORDS.contains(&part) => t.code_word,
            _ if left.starts_with('(') => t.code_call,
            _ if first.is_uppercase() => t.code_mark,
            _ => t.code_text,
        };
        job.append(part, 0.0, format(fonts::mono(13.0), color, 20.0));
        rest = left;
    }
}

#[cfg(test)]
mod tests;
