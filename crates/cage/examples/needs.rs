fn main() {
    let command: Vec<_> = std::env::args().skip(1).collect();
    println!("{:#?}", cage::needs::Needs::of(&command, &std::env::current_dir().unwrap()));
}
