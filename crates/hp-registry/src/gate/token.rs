//! The words and signs of a gate.

use super::error::GateError;
use std::fmt;

/// A word or sign.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    Number(f64),
    Name(&'a str),
    And,
    Or,
    Not,
    Open,
    Close,
    Dot,
    Sign(Sign),
    Relation(Relation),
    End,
}

/// A sign of arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Plus,
    Minus,
    Times,
    Divide,
}

/// How two numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
}

impl Relation {
    #[expect(clippy::float_cmp, reason = "the gate asks for it")]
    pub(super) fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
            Self::Equal => left == right,
        }
    }
}

/// A token with where it begins and ends, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed<'a> {
    pub(super) token: Token<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Divides `text` into tokens, the last of which is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Placed<'_>>, GateError> {
    let mut tokens = Vec::new();
    let mut start = 0;
    loop {
        let rest = &text[start..];
        start += rest.len() - rest.trim_start().len();
        let rest = &text[start..];
        let (token, length) = first(text, rest, start)?;
        let end = start + length;
        tokens.push(Placed { token, start, end });
        if token == Token::End {
            return Ok(tokens);
        }
        start = end;
    }
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "the number `{number}`"),
            Self::Name(name) => write!(f, "`{name}`"),
            Self::And => f.write_str("`and`"),
            Self::Or => f.write_str("`or`"),
            Self::Not => f.write_str("`not`"),
            Self::Open => f.write_str("`(`"),
            Self::Close => f.write_str("`)`"),
            Self::Dot => f.write_str("`.`"),
            Self::Sign(sign) => write!(f, "`{}`", sign.text()),
            Self::Relation(relation) => write!(f, "`{}`", relation.text()),
            Self::End => f.write_str("the end"),
        }
    }
}

impl Sign {
    fn text(self) -> &'static str {
        match self {
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Times => "*",
            Self::Divide => "/",
        }
    }
}

impl Relation {
    fn text(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Equal => "==",
        }
    }
}

/// The first token of `rest`, which begins at `start` of `text`, and its length in bytes.
fn first<'a>(text: &str, rest: &'a str, start: usize) -> Result<(Token<'a>, usize), GateError> {
    const SIGNS: [(&str, Token<'static>); 12] = [
        ("<=", Token::Relation(Relation::LessOrEqual)),
        (">=", Token::Relation(Relation::GreaterOrEqual)),
        ("==", Token::Relation(Relation::Equal)),
        ("<", Token::Relation(Relation::Less)),
        (">", Token::Relation(Relation::Greater)),
        ("+", Token::Sign(Sign::Plus)),
        ("-", Token::Sign(Sign::Minus)),
        ("*", Token::Sign(Sign::Times)),
        ("/", Token::Sign(Sign::Divide)),
        ("(", Token::Open),
        (")", Token::Close),
        (".", Token::Dot),
    ];
    let Some(character) = rest.chars().next() else {
        return Ok((Token::End, 0));
    };
    if character.is_ascii_alphabetic() || character == '_' {
        let inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let name = &rest[..rest.find(|c| !inside(c)).unwrap_or(rest.len())];
        let token = match name {
            "and" => Token::And,
            "or" => Token::Or,
            "not" => Token::Not,
            _ => Token::Name(name),
        };
        return Ok((token, name.len()));
    }
    let length = number_length(rest);
    if length > 0 {
        let number: Option<f64> = rest[..length].parse().ok();
        if let Some(number) = number.filter(|number| number.is_finite()) {
            return Ok((Token::Number(number), length));
        }
    }
    let sign = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign));
    if let Some(&(sign, token)) = sign {
        return Ok((token, sign.len()));
    }
    let found = if length > 0 {
        &rest[..length]
    } else {
        &rest[..character.len_utf8()]
    };
    Err(GateError::Syntax {
        text: text.to_owned(),
        column: start + 1,
        expected: "a number, a metric, an operator or a parenthesis",
        found: format!("`{}`", found.escape_debug()),
    })
}

/// The length of the number at the beginning of `text` in bytes: `12`, `0.75`, `.5`, `1e-3`; 0
/// when there is none.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut length = digits(0);
    let is_decimal = bytes.get(length) == Some(&b'.') && (length > 0 || digits(1) > 0);
    if is_decimal {
        length += 1 + digits(length + 1);
    }
    if length > 0 && matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}
