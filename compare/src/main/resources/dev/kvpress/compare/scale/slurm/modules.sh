
# module is a function of login shells; where a job is not handed it, it is looked for. Its files
# read variables that are not set.
set +u
if ! type module > /dev/null 2>&1; then
  for file in /etc/profile.d/lmod.sh /etc/profile.d/modules.sh /usr/share/lmod/lmod/init/bash /usr/share/modules/init/bash; do
    if [ -r "$file" ]; then
      # shellcheck disable=SC1090
      source "$file"
      break
    fi
  done
fi
module load "${modules[@]}"
set -u

