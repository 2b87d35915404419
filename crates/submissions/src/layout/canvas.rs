use super::HandedOut;
use crate::node::Node;
pub(super) fn tell(_nodes: &[Node]) -> Option<HandedOut> {
    None
}
