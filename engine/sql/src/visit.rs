//! Goes through a parsed statement with any visitor. The parser's walk is compiled whole, for some hundred kinds of
//! nodes, with each type of visitor it is given; so all go by the one type that stands here.

use datafusion::sql::sqlparser::ast::{
    Expr, ObjectName, Query, Select, Statement, TableFactor, ValueWithSpan, Visit, VisitMut, Visitor,
    VisitorMut,
};
use std::ops::ControlFlow;

/// Shows a visitor all nodes, until it breaks off.
pub fn look(node: &impl Visit, visitor: &mut dyn Visitor<Break = ()>) {
    let _: ControlFlow<()> = node.visit(&mut Looking(visitor));
}

/// Lets a visitor change all nodes, until it breaks off.
pub fn change(node: &mut impl VisitMut, visitor: &mut dyn VisitorMut<Break = ()>) {
    let _: ControlFlow<()> = node.visit(&mut Changing(visitor));
}

struct Looking<'a>(&'a mut dyn Visitor<Break = ()>);

struct Changing<'a>(&'a mut dyn VisitorMut<Break = ()>);

/// Passes on all that the parser's walk comes to.
macro_rules! pass_on {
    ($visitor:ident for $walk:ident: $($pre:ident, $post:ident: $node:ty;)+) => {
        impl $visitor for $walk<'_> {
            type Break = ();
            $(
                fn $pre(&mut self, node: $node) -> ControlFlow<()> {
                    self.0.$pre(node)
                }
                fn $post(&mut self, node: $node) -> ControlFlow<()> {
                    self.0.$post(node)
                }
            )+
        }
    };
}

pass_on!(Visitor for Looking:
    pre_visit_query, post_visit_query: &Query;
    pre_visit_select, post_visit_select: &Select;
    pre_visit_relation, post_visit_relation: &ObjectName;
    pre_visit_table_factor, post_visit_table_factor: &TableFactor;
    pre_visit_expr, post_visit_expr: &Expr;
    pre_visit_statement, post_visit_statement: &Statement;
    pre_visit_value, post_visit_value: &ValueWithSpan;
);

pass_on!(VisitorMut for Changing:
    pre_visit_query, post_visit_query: &mut Query;
    pre_visit_select, post_visit_select: &mut Select;
    pre_visit_relation, post_visit_relation: &mut ObjectName;
    pre_visit_table_factor, post_visit_table_factor: &mut TableFactor;
    pre_visit_expr, post_visit_expr: &mut Expr;
    pre_visit_statement, post_visit_statement: &mut Statement;
    pre_visit_value, post_visit_value: &mut ValueWithSpan;
);
