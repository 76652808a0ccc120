# Sourced by ./test: a small guest with CAN buses, for what no machine without one can play. Functions only.
#
# The guest is Debian's own kernel with some of its modules, a busybox and one static program; it boots under QEMU without
# hardware help in some seconds and says what came of each play on its serial line. Beside the virtual bus it has two
# controllers (SJA1000 on Kvaser's PCI card, as QEMU makes them) on one bus of their own.

packages_can=(qemu-system-x86 cpio gcc libc6-dev)

fetch_debs() {
  local kernel
  kernel=$(apt-cache depends linux-image-amd64 2>/dev/null | awk '/Depends:/{print $2; exit}')
  [ -n "$kernel" ] || { echo "apt knows no kernel for a PC" >"$log_dir/can-guest-apt.log"; return 1; }
  (cd "$guest/debs" && apt-get download -qq "$kernel" busybox-static >"$log_dir/can-guest-apt.log" 2>&1)
}

# need_debs: the kernel and busybox as Debian packs them, unpacked under target/can-guest and not installed.
need_debs() {
  guest=$target/can-guest
  [ -e "$guest/ready" ] && return
  say "fetching Debian's kernel and busybox for the guest"
  rm -rf "$guest" && mkdir -p "$guest/debs"
  # A bare system has no lists of packages yet, and old lists name versions that are no longer there.
  fetch_debs || { update_lists && fetch_debs; } ||
    { tail -5 "$log_dir/can-guest-apt.log" >&2; die "apt-get could not download the guest's kernel."; }
  local deb
  for deb in "$guest"/debs/*.deb; do dpkg-deb -x "$deb" "$guest/root"; done
  rm -rf "$guest/debs"
  touch "$guest/ready"
}

need_musl_target() {
  [ -d "$(rustc --print sysroot)/lib/rustlib/x86_64-unknown-linux-musl" ] || {
    command -v rustup >/dev/null 2>&1 || die "the x86_64-unknown-linux-musl target is missing and rustup is not there to add it."
    say "adding the Rust target x86_64-unknown-linux-musl"
    rustup target add x86_64-unknown-linux-musl >&2
  }
}

# guest_image PROGRAM: the first file system, with everything that runs in the guest.
guest_image() {
  local files=$guest/files modules
  rm -rf "$files" && mkdir -p "$files"/{bin,proc,sys,dev,modules}
  cp "$(find "$guest/root" -path '*bin/busybox' | head -1)" "$files/bin/busybox"
  cp "$1" "$files/bin/can_guest"
  for modules in net/can/can net/can/can-raw drivers/net/can/dev/can-dev drivers/net/can/vcan \
    drivers/net/can/sja1000/sja1000 drivers/net/can/sja1000/kvaser_pci; do
    cp "$(find "$guest/root" -path "*/kernel/$modules.ko" | head -1)" "$files/modules/"
  done
  cat >"$files/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
for module in can can-raw can-dev vcan sja1000 kvaser_pci; do /bin/busybox insmod /modules/$module.ko || echo "guest: no module $module"; done
/bin/busybox ip link add dev vcan0 type vcan && /bin/busybox ip link set vcan0 up
ROADWORTHY_CAN_GUEST=1 ROADWORTHY_PLAYS="@PLAYS@" RUST_BACKTRACE=1 /bin/can_guest || echo "guest: failed"
/bin/busybox poweroff -f
INIT
  # Some of the plays only, by a part of their names.
  sed -i "s|@PLAYS@|${ROADWORTHY_PLAYS:-}|" "$files/init"
  chmod +x "$files/init" "$files/bin/busybox" "$files/bin/can_guest"
  (cd "$files" && find . | cpio --quiet -o -H newc | gzip -1) >"$guest/image.gz"
}

# guest_run SECONDS: boots it (without the kernel's check of its timer, which a busy machine fails); what it says goes to a log and, of the plays, to the screen.
guest_run() {
  local kernel
  kernel=$(find "$guest/root/boot" -name 'vmlinuz-*' | head -1)
  timeout "$1" qemu-system-x86_64 -accel tcg -smp 2 -m 512 -nodefaults -display none -serial stdio -no-reboot \
    -object can-bus,id=wires -device kvaser_pci,canbus=wires -device kvaser_pci,canbus=wires \
    -kernel "$kernel" -initrd "$guest/image.gz" -append "console=ttyS0 panic=-1 no_timer_check quiet" \
    </dev/null >"$log_dir/can-guest.log" 2>&1 || true
  # The firmware's own characters may stand in front of the first.
  grep -ao 'guest: .*' "$log_dir/can-guest.log" >&2 || true
  grep -aq 'guest: all [0-9]* plays passed' "$log_dir/can-guest.log" ||
    { tail -40 "$log_dir/can-guest.log" >&2; die "the guest did not come to its end; the log is $log_dir/can-guest.log"; }
}
