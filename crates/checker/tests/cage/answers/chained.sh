# A right answer in the shell: a chain of two waits per argument, in a process of its own.
seconds_since() {
    hundredths=$((($(date +%s%N) - $1) / 10000000))
    printf '%d.%02d seconds' $((hundredths / 100)) $((hundredths % 100))
}

# Call, result, seconds.
part() {
    echo "$1 sleeping for $3 seconds."
    sleep "$3"
    echo "Returning $1 == $2."
}

chain() {
    begin=$(date +%s%N)
    first=result$1-1
    second="result$1-2 derived from $first"
    part "part1($1)" "$first" $(($1 % 3))
    part "part2($1, '$first')" "$second" $((1 + $1 % 2))
    echo "-->Chained result$1 => $second (took $(seconds_since "$begin"))."
}

[ $# -gt 0 ] || set -- 1 2 3
for word; do
    case $word in *[!0-9]*) exit 1 ;; esac
done
start=$(date +%s%N)
for n; do chain "$n" & done
wait
echo "Program finished in $(seconds_since "$start")."
