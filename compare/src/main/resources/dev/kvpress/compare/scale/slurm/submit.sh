command -v sbatch > /dev/null || {
  echo "no sbatch found; run this where SLURM's commands are" >&2
  exit 1
}
mkdir -p "$logs"

# A job without those behind it is of no use: what was submitted is taken back when one is refused.
submitted=()
take_back() {
  local code=$?
  if [ "$code" -ne 0 ] && [ "${#submitted[@]}" -gt 0 ]; then
    scancel "${submitted[@]}" || echo "not taken back: jobs ${submitted[*]}" >&2
  fi
}
trap take_back EXIT

# Submits a job; its id is in $id then. sbatch may put the name of a cluster behind the id.
submit() {
  id=$(sbatch --parsable "$@")
  id=${id%%;*}
  submitted+=("$id")
}

submit "$export_script"
export_id=$id
echo "export: job $export_id"
submit --dependency="afterok:$export_id" --kill-on-invalid-dep=yes "$shard_script"
array_id=$id
echo "shards: job $array_id, $shards of them, once $export_id is done"
submit --dependency="afterany:$array_id" "$merge_script"
echo "merge: job $id, once all of $array_id have ended"
