//! A program that uses no library: what the sizes of the others are compared with.

fn main() {
    println!("{}", std::env::args().count());
}
