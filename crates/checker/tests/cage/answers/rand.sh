# A right answer in the shell: three processes, each at its own pace.
makerandom() {
    index=$1
    color=$2
    shift 2
    printf '\033[%dmInitiated makerandom(%d).\n' "$color" "$index"
    for number; do
        if [ "$number" -gt $((9 - index)) ]; then
            printf '\033[%dm---> Finished: makerandom(%d) == %d\033[0m\n' "$color" "$index" "$number"
        else
            printf '\033[%dmmakerandom(%d) == %d too low; retrying.\n' "$color" "$index" "$number"
            sleep $((index + 1))
        fi
    done
}

makerandom 0 36 4 10 &
makerandom 1 91 4 7 9 &
makerandom 2 35 0 8 &
wait
printf '\nr1: 10, r2: 9, r3: 8\n'
