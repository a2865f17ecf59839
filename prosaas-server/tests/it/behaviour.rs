//! What must hold whichever provider a business uses, seen from outside.
mod choosing;
mod failing;
mod interface;
mod kinds;
mod reading;
mod sending;
mod window;
