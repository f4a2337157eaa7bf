//! From the text of a gate to its parts, by recursive descent.

use super::error::GateError;
use super::token::{Placed, Relation, Sign, Token, tokens};

/// The most levels of parentheses, signs and `not` in one another.
const DEEPEST: usize = 50;

/// Something that holds or does not.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    Or(Box<[Self; 2]>),
    And(Box<[Self; 2]>),
    Not(Box<Self>),
    Comparison(Comparison),
}

/// Two numbers side by side.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Comparison {
    /// As it stands in the gate.
    pub(super) text: String,
    pub(super) relation: Relation,
    pub(super) left: Number,
    pub(super) right: Number,
}

/// Something that is a number.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Number {
    Literal(f64),
    /// A metric, or an alias that stands for one.
    Name(String),
    /// `champion.rmse`
    Of {
        alias: String,
        metric: String,
    },
    Negative(Box<Self>),
    Operation(Sign, Box<[Self; 2]>),
}

/// Reads `text`, all of which must be one condition.
pub(super) fn condition(text: &str) -> Result<Condition, GateError> {
    let mut parser = Parser {
        text,
        tokens: tokens(text)?,
        next: 0,
        depth: 0,
    };
    let node = parser.or()?;
    let condition = parser.as_condition(node)?;
    match parser.here().token {
        Token::End => Ok(condition),
        _ => Err(parser.expected("`and`, `or` or the end")),
    }
}

/// What a pair of parentheses may contain.
enum Node {
    Condition(Condition),
    Number(Number),
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Placed<'a>>,
    /// The index of the token to read.
    next: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn or(&mut self) -> Result<Node, GateError> {
        self.joined(Token::Or, Self::and, Condition::Or)
    }

    fn and(&mut self) -> Result<Node, GateError> {
        self.joined(Token::And, Self::not, Condition::And)
    }

    /// Reads what `part` reads once, or several times with `word` between.
    fn joined(
        &mut self,
        word: Token<'_>,
        part: fn(&mut Self) -> Result<Node, GateError>,
        join: fn(Box<[Condition; 2]>) -> Condition,
    ) -> Result<Node, GateError> {
        let mut node = part(self)?;
        while self.here().token == word {
            let left = self.as_condition(node)?;
            self.step();
            let right = part(self)?;
            let right = self.as_condition(right)?;
            node = Node::Condition(join(Box::new([left, right])));
        }
        Ok(node)
    }

    fn not(&mut self) -> Result<Node, GateError> {
        if self.here().token != Token::Not {
            return self.comparison();
        }
        self.step();
        self.deeper(|parser| {
            let node = parser.not()?;
            let condition = parser.as_condition(node)?;
            Ok(Node::Condition(Condition::Not(Box::new(condition))))
        })
    }

    fn comparison(&mut self) -> Result<Node, GateError> {
        let start = self.here().start;
        let left = self.sum()?;
        let Token::Relation(relation) = self.here().token else {
            return Ok(left);
        };
        let Node::Number(left) = left else {
            return Err(self.expected("`and`, `or` or the end"));
        };
        self.step();
        let right = self.number(Self::sum)?;
        let text = self.text[start..self.tokens[self.next - 1].end].to_owned();
        Ok(Node::Condition(Condition::Comparison(Comparison {
            text,
            relation,
            left,
            right,
        })))
    }

    fn sum(&mut self) -> Result<Node, GateError> {
        self.operations([Sign::Plus, Sign::Minus], Self::product)
    }

    fn product(&mut self) -> Result<Node, GateError> {
        self.operations([Sign::Times, Sign::Divide], Self::signed)
    }

    /// Reads what `part` reads once, or several times with one of `signs` between.
    fn operations(
        &mut self,
        signs: [Sign; 2],
        part: fn(&mut Self) -> Result<Node, GateError>,
    ) -> Result<Node, GateError> {
        let mut node = part(self)?;
        while let Token::Sign(sign) = self.here().token
            && signs.contains(&sign)
        {
            let Node::Number(left) = node else {
                return Err(self.expected("`and`, `or` or the end"));
            };
            self.step();
            let right = self.number(part)?;
            node = Node::Number(Number::Operation(sign, Box::new([left, right])));
        }
        Ok(node)
    }

    fn signed(&mut self) -> Result<Node, GateError> {
        if self.here().token != Token::Sign(Sign::Minus) {
            return self.primary();
        }
        self.step();
        self.deeper(|parser| {
            let number = parser.number(Self::signed)?;
            Ok(Node::Number(Number::Negative(Box::new(number))))
        })
    }

    fn primary(&mut self) -> Result<Node, GateError> {
        let number = match self.here().token {
            Token::Number(value) => Number::Literal(value),
            Token::Name(name) => {
                self.step();
                return self.named(name).map(Node::Number);
            }
            Token::Open => {
                self.step();
                return self.deeper(|parser| {
                    let node = parser.or()?;
                    if parser.here().token != Token::Close {
                        return Err(parser.expected("an operator or `)`"));
                    }
                    parser.step();
                    Ok(node)
                });
            }
            _ => return Err(self.expected("a number, a metric, `-` or `(`")),
        };
        self.step();
        Ok(Node::Number(number))
    }

    /// Reads what follows `name`.
    fn named(&mut self, name: &str) -> Result<Number, GateError> {
        if self.here().token != Token::Dot {
            return Ok(Number::Name(name.to_owned()));
        }
        self.step();
        let Token::Name(metric) = self.here().token else {
            return Err(self.expected("a metric"));
        };
        self.step();
        Ok(Number::Of {
            alias: name.to_owned(),
            metric: metric.to_owned(),
        })
    }

    /// Reads what `part` reads, which must be a number.
    fn number(
        &mut self,
        part: fn(&mut Self) -> Result<Node, GateError>,
    ) -> Result<Number, GateError> {
        let start = self.next;
        match part(self)? {
            Node::Number(number) => Ok(number),
            Node::Condition(_) => {
                self.next = start;
                Err(self.expected("a number or a metric"))
            }
        }
    }

    /// The condition `node`, which was just read.
    fn as_condition(&self, node: Node) -> Result<Condition, GateError> {
        match node {
            Node::Condition(condition) => Ok(condition),
            Node::Number(_) => Err(self.expected("an operator such as `<=`")),
        }
    }

    /// Reads something that stands one level deeper.
    fn deeper(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Node, GateError>,
    ) -> Result<Node, GateError> {
        if self.depth == DEEPEST {
            return Err(GateError::TooDeep {
                text: self.text.to_owned(),
                column: self.here().start + 1,
                limit: DEEPEST,
            });
        }
        self.depth += 1;
        let node = read(self)?;
        self.depth -= 1;
        Ok(node)
    }

    fn here(&self) -> Placed<'a> {
        self.tokens[self.next]
    }

    /// Goes on to the next token; [`Token::End`] is never passed.
    fn step(&mut self) {
        self.next += 1;
    }

    fn expected(&self, expected: &'static str) -> GateError {
        let here = self.here();
        GateError::Syntax {
            text: self.text.to_owned(),
            column: here.start + 1,
            expected,
            found: here.token.to_string(),
        }
    }
}
