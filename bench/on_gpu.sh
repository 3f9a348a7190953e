#!/bin/sh
# All that needs a graphics device, on a Linux machine with an NVIDIA one, after `npm ci` and `npm run build`:
#
#   sh bench/on_gpu.sh FOLDER [VULKAN_DRIVER.json]
#
# FOLDER gets the operators' tests on webgpu (Node) and webgl (Chromium), the table of bench/devices.ts on both, and the
# times of torchvision on CUDA beside it. $PYTHON needs torch and torchvision; $CHROMIUM, or one on the path. Takes about ten
# minutes; what one part lacks does not stop the others.
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:?a folder for the results is needed}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
cd "$here" || exit 1

driver=${2:-}
for file in /usr/share/vulkan/icd.d /etc/vulkan/icd.d /usr/local/nvidia/share/vulkan/icd.d; do
  [ -z "$driver" ] && [ -f "$file/nvidia_icd.json" ] && driver=$file/nvidia_icd.json
done
if [ -z "$driver" ]; then
  echo 'Cannot run on a graphics device: a Vulkan driver must be named or be in the usual places' >&2
  exit 1
fi
export VK_ICD_FILENAMES="$driver" VK_DRIVER_FILES="$driver"
export CHROMIUM_FLAGS='--use-angle=vulkan --enable-features=Vulkan --disable-vulkan-surface --ignore-gpu-blocklist --enable-unsafe-webgpu'

failed=0
part() {
  name=$1
  shift
  echo "$name"
  if "$@" >"$folder/$name.log" 2>&1; then echo '  done'; else echo "  failed: $folder/$name.log"; failed=1; fi
}
tests() {
  node --experimental-vm-modules --no-warnings scripts/test.mjs --selectProjects "$1" --testPathPatterns 'test/ops/' -t "\\[$2\\]"
}

part devices npm run --silent -w bench devices -- --measure --flags "$CHROMIUM_FLAGS" --out "$folder/device.json"
part torchvision "${PYTHON:-python3}" bench/torchvision_cuda.py
part tests_webgpu tests node webgpu
part tests_webgl tests browser webgl
exit $failed
