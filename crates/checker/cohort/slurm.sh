#!/usr/bin/env bash
# Grades a cohort as a Slurm array. Run these on a machine that can submit jobs, in the folder that
# `checker init slurm` has written, which all nodes must see:
#
#     sbatch slurm.sh SUBMISSIONS GRADES/shards [EXERCISE...] [OPTION...]
#     ./checker --merge GRADES/shards/* --into GRADES/all
#
# A task that is killed or requeued continues where it left off. To submit some tasks again, add
# --array=3,5 after sbatch, and change nothing else.

# As many tasks as there are shards, below.
#SBATCH --array=1-6
#SBATCH --job-name=class
#SBATCH --cpus-per-task=1
#SBATCH --time=01:00:00
#SBATCH --requeue
# A log for each task, kept when the task is requeued.
#SBATCH --output=class-%A-%a.log
#SBATCH --open-mode=append
set -euo pipefail

shards=6
checker=${CHECKER:-./checker}
submissions=${1:?name the submissions} grades=${2:?name a folder for the grades of the shards}
shift 2

# Slurm gives a task its number, but not the total once only some are resubmitted.
exec "$checker" "$@" --class "$submissions" --into "$grades/$SLURM_ARRAY_TASK_ID" \
    --shard "auto/$shards" --jobs "$SLURM_CPUS_PER_TASK"
