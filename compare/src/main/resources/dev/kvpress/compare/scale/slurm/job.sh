
# Where a cluster does not fence jobs in, Java sees the whole machine: it is told what this job was
# given. What stands in KVPRESS_JAVA_OPTS already wins.
given="${SLURM_CPUS_ON_NODE:+-XX:ActiveProcessorCount=$SLURM_CPUS_ON_NODE}"
memory=${SLURM_MEM_PER_NODE:-$((${SLURM_MEM_PER_CPU:-0} * ${SLURM_CPUS_ON_NODE:-1}))}
# 0 is all that the node has.
[ "$memory" = 0 ] || given+=" -XX:MaxRAM=${memory}m"
export KVPRESS_JAVA_OPTS="$given ${KVPRESS_JAVA_OPTS:-}"

cd "$directory"
