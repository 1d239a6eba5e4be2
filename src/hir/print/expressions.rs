//! Expressions, pools and assignments with the names that they mean.

use super::{Printer, evidence, number, quantity, uncertain};
use crate::hir::expr::{Asked, Members, Own};
use crate::hir::{
    Assignable, Assignment, BinaryOp, Decl, Entity, Expr, ExprKind, Location, Pool, ScopeId, StateId, UnaryOp,
};

impl Printer<'_> {
    pub(super) fn expr(self, expr: &Expr) -> String {
        self.bound(expr, 0)
    }

    /// In parentheses if it binds less tightly than `least`.
    fn bound(self, expr: &Expr, least: u8) -> String {
        let (text, binding) = match &expr.kind {
            ExprKind::Number(value) => match &expr.unit {
                Some(unit) => (quantity(*value, unit), 9),
                None => (self.usual(*value, expr.dimension), 9),
            },
            ExprKind::Unary(op, a) => self.unary(*op, a),
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b),
            other => (self.atom(other), 9),
        };
        if binding < least { format!("({text})") } else { text }
    }

    fn atom(self, kind: &ExprKind) -> String {
        match kind {
            ExprKind::Param(id, scope) => self.in_scope(*scope, self.name(Decl::Param(*id))),
            ExprKind::Let(id, scope) => self.in_scope(*scope, self.name(Decl::Let(*id))),
            ExprKind::Input(id, scope) => self.in_scope(*scope, self.name(Decl::Input(*id))),
            ExprKind::Amount(pool) => self.pool(pool),
            ExprKind::Concentration(pool) => format!("[{}]", self.pool(pool)),
            ExprKind::SizeOf(id, scope) => {
                format!("size of {}", self.in_scope(*scope, self.name(Decl::Compartment(*id))))
            }
            ExprKind::AreaOf(pool) => format!("area of {}", self.pool(pool)),
            ExprKind::DiameterOf(pool) => format!("diameter of {}", self.pool(pool)),
            ExprKind::Per(what, carrier) => format!("({} per {})", self.pool(what), self.pool(carrier)),
            ExprKind::Members(members) => self.members(members),
            ExprKind::Reach(of, place, scope) => {
                let place = self.in_scope(*scope, self.name(Decl::Compartment(*place)));
                format!("(share of {} that reach {place})", self.pool(of))
            }
            ExprKind::Own(own) => self.own(own),
            ExprKind::Time => "time".to_owned(),
            ExprKind::Result(at) => format!("result {at}"),
            ExprKind::Number(value) => number(*value),
            ExprKind::Unary(..) | ExprKind::Binary(..) | ExprKind::Error => "?".to_owned(),
        }
    }

    fn members(self, members: &Members) -> String {
        let of = self.pool(&members.of);
        match &members.asked {
            Asked::Share(condition) => format!("(share of {of} with {})", self.expr(condition)),
            Asked::Mean(own) => format!("(mean {} of {of})", self.own(own)),
            Asked::Distribution(own) => format!("(distribution of {} of {of})", self.own(own)),
        }
    }

    fn own(self, own: &Own) -> String {
        match own {
            Own::Diameter => "diameter".to_owned(),
            Own::Area => "area".to_owned(),
            Own::Volume => "volume".to_owned(),
            Own::Age => "age".to_owned(),
            Own::Route => "route".to_owned(),
            Own::Copies(what) => format!("copies of {}", self.pool(what)),
        }
    }

    fn unary(self, op: UnaryOp, a: &Expr) -> (String, u8) {
        let name = match unary_sign(op) {
            Ok(sign) => return (format!("{sign}{}", self.bound(a, 7)), 7),
            Err(name) => name,
        };
        (format!("{name}({})", self.expr(a)), 9)
    }

    fn binary(self, op: BinaryOp, a: &Expr, b: &Expr) -> (String, u8) {
        let (sign, binding) = binary_sign(op);
        if binding == 9 {
            return (format!("{sign}({}, {})", self.expr(a), self.expr(b)), 9);
        }
        // `a - (b - c)`, `a / (b * c)` and `a^(b^c)` need their parentheses.
        let right = binding + u8::from(matches!(op, BinaryOp::Sub | BinaryOp::Div | BinaryOp::Pow));
        let left = binding + u8::from(op == BinaryOp::Pow);
        (format!("{}{sign}{}", self.bound(a, left), self.bound(b, right)), binding)
    }

    pub(super) fn in_scope(self, scope: Option<ScopeId>, name: String) -> String {
        match scope {
            Some(scope) => format!("{}.{name}", self.scope(scope)),
            None => name,
        }
    }

    fn scope(self, id: ScopeId) -> String {
        let scope = self.model.and_then(|model| model.scopes.get(id.index()));
        scope.map_or("?", |s| if s.name.is_empty() { "shared" } else { &s.name }).to_owned()
    }

    pub(super) fn entity(self, entity: Entity) -> String {
        self.name(match entity {
            Entity::Molecule(id) => Decl::Molecule(id),
            Entity::Vesicle(id) => Decl::Vesicle(id),
        })
    }

    fn state(self, entity: Entity, state: Option<StateId>) -> String {
        let Some(state) = state.map(StateId::index) else { return String::new() };
        let name = match entity {
            Entity::Molecule(id) => self.hir.molecules.get(id.index()).and_then(|m| Some(&m.states.get(state)?.0)),
            Entity::Vesicle(id) => self.hir.vesicles.get(id.index()).and_then(|v| Some(&v.states.get(state)?.name)),
        };
        name.filter(|name| !name.is_empty()).map_or_else(String::new, |name| format!(".{name}"))
    }

    /// `donor.Rab27a.gtp@cytosol`.
    pub(super) fn pool(self, pool: &Pool) -> String {
        let mut text = self.in_scope(pool.scope, self.entity(pool.what));
        text.push_str(&self.state(pool.what, pool.state));
        for location in &pool.at {
            let place = match *location {
                Location::Compartment(id) => self.name(Decl::Compartment(id)),
                Location::Vesicle(id, state) => {
                    let entity = Entity::Vesicle(id);
                    format!("{}{}", self.entity(entity), self.state(entity, state))
                }
                Location::Scope(scope) => self.scope(scope),
                Location::Anywhere => "everywhere".to_owned(),
            };
            text.push_str(&format!("@{place}"));
        }
        text
    }

    pub(super) fn target(self, target: &Assignable) -> String {
        match target {
            Assignable::Param(id, scope) => self.in_scope(*scope, self.name(Decl::Param(*id))),
            Assignable::Input(id, scope) => self.in_scope(*scope, self.name(Decl::Input(*id))),
            Assignable::Amount(pool) => format!("amount of {}", self.pool(pool)),
            Assignable::Compartment(id, scope) => {
                format!("size of {}", self.in_scope(*scope, self.name(Decl::Compartment(*id))))
            }
        }
    }

    /// `k = 0.1/min within 3 fold   assumed`, `k = 2 × its value`.
    pub(super) fn assignment(self, assignment: &Assignment) -> String {
        let unit = assignment.value.unit.clone().unwrap_or_default();
        let spread = assignment.uncertainty.map_or_else(String::new, |u| format!(" {}", uncertain(u, &unit)));
        let target = self.target(&assignment.target);
        let value = self.expr(&assignment.value);
        let value = if assignment.relative {
            format!("{} × its value", value.strip_suffix(" fold").unwrap_or(&value))
        } else {
            value
        };
        format!("{target} = {value}{spread}{}", evidence(&assignment.evidence))
    }
}

/// A sign that stands before its operand, or the name of a function.
fn unary_sign(op: UnaryOp) -> Result<&'static str, &'static str> {
    match op {
        UnaryOp::Neg => Ok("-"),
        UnaryOp::Not => Ok("not "),
        UnaryOp::Abs => Err("abs"),
        UnaryOp::Sqrt => Err("sqrt"),
        UnaryOp::Exp => Err("exp"),
        UnaryOp::Ln => Err("ln"),
        UnaryOp::Log10 => Err("log10"),
        UnaryOp::Sin => Err("sin"),
        UnaryOp::Cos => Err("cos"),
        UnaryOp::Tanh => Err("tanh"),
        UnaryOp::Floor => Err("floor"),
        UnaryOp::Ceil => Err("ceil"),
    }
}

/// The sign of an operator and how tightly it binds; 9 for functions.
pub(super) fn binary_sign(op: BinaryOp) -> (&'static str, u8) {
    match op {
        BinaryOp::Or => (" or ", 1),
        BinaryOp::And => (" and ", 2),
        BinaryOp::Less => (" < ", 3),
        BinaryOp::LessEqual => (" <= ", 3),
        BinaryOp::Equal => (" = ", 3),
        BinaryOp::Add => (" + ", 4),
        BinaryOp::Sub => (" - ", 4),
        BinaryOp::Mul => (" * ", 5),
        BinaryOp::Div => (" / ", 5),
        BinaryOp::Pow => ("^", 8),
        BinaryOp::Min => ("min", 9),
        BinaryOp::Max => ("max", 9),
    }
}
