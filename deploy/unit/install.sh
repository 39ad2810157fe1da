#!/bin/sh
# Puts the training kiosk on a Debian or Raspberry Pi OS of the bundle's processor, from one file, without a network.
#
#   tar xf kiosk-unit-VERSION-arm64.tar install.sh
#   sh install.sh kiosk-unit-VERSION-arm64.tar            install, or bring up to date
#   sh install.sh kiosk-unit-VERSION-arm64.tar --lock     and lock the system down (no console, no ssh, no radio)
#   … --lock --data /dev/DEVICE                           and keep all data on this empty partition, encrypted
#   … --visit                                             and let camera and sound in, for real visits; stays so
#
# Run again it changes nothing that is right already. Other roots: ROOT=/mnt sh install.sh … installs there by chroot.
# Exit codes: 0 done, 1 found wanting, 2 wrong use.
set -eu

ROOT=${ROOT:-}
KEEP=$ROOT/opt/kiosk
DATA=$ROOT/var/lib/kiosk

say() { printf 'kiosk: %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }
usage() { sed -n '2,/^# Run again/{/^# Run again/!s/^# \{0,1\}//p}' "$0"; exit 2; }
inside() { if [ -n "$ROOT" ]; then chroot "$ROOT" "$@"; else "$@"; fi; }
is_running() { [ -z "$ROOT" ] && [ -d /run/systemd/system ]; }

# Copies a file where it differs; says so.
put() {
    cmp -s "$1" "$2" && [ "$(stat -c %a "$2")" = "$3" ] && return
    mkdir -p "$(dirname "$2")"
    install -m "$3" "$1" "$2"
    say "wrote ${2#"$ROOT"}"
}

# Everything that is wrong with the words is said before anything is done.
read_words() {
    locking='' visit='' device=''
    while [ $# -gt 0 ]; do
        case $1 in
            --lock) locking=yes ;;
            --visit) visit=yes ;;
            --data)
                device=${2:-}
                case $device in /dev/?*) ;; *) fail "--data $device: allowed is a device, /dev/…" ;; esac
                [ -n "$ROOT" ] || [ -b "$device" ] || fail "--data $device: no such device"
                shift
                ;;
            *) usage ;;
        esac
        shift
    done
}

check() {
    [ "$(id -u)" = 0 ] || fail "must be run as root"
    [ -f "$bundle" ] || fail "$bundle: no such file"
    arch=$(inside dpkg --print-architecture)
    case $bundle in *-"$arch".tar) ;; *) fail "$bundle is not for this processor ($arch)" ;; esac
}

unpack() {
    sum=$(sha256sum "$bundle" | cut -c1-16)
    new=$KEEP/bundles/$sum
    [ -f "$new/complete" ] && return
    rm -rf "$new"
    mkdir -p "$new"
    tar -xf "$bundle" -C "$new"
    (cd "$new" && sha256sum --quiet --strict -c SHA256SUMS) || fail "$bundle is damaged or was changed"
    # Also what is there and in no sum is wrong.
    (cd "$new" && find . -type f ! -name SHA256SUMS | cut -c3- | sort >../there &&
        cut -c67- SHA256SUMS | sort | cmp -s - ../there) || fail "$bundle holds a file that nobody summed"
    rm -f "$new/../there"
    touch "$new/complete"
}

# Only what is missing or older; dpkg itself puts them in order.
install_packages() {
    wanted= new_sshd=
    for deb in "$new"/debs/*.deb; do
        name=$(dpkg-deb -f "$deb" Package)
        version=$(dpkg-deb -f "$deb" Version)
        have=$(inside dpkg-query -W -f '${db:Status-Abbrev}${Version}' "$name" 2>/dev/null || true)
        case $have in
            ii*) dpkg --compare-versions "${have#ii }" ge "$version" && continue ;;
        esac
        wanted="$wanted ${deb#"$ROOT"}"
    done
    [ -n "$wanted" ] || return 0
    # Its one use is a ticket's (service-shell.sh), with a key made then: it never starts by itself, and brings no key along.
    [ -e "$ROOT/usr/sbin/sshd" ] || new_sshd=yes
    [ -z "$new_sshd" ] || for unit in ssh.service ssh.socket; do ln -sfn /dev/null "$ROOT/etc/systemd/system/$unit"; done
    say "installing $(echo "$wanted" | wc -w) packages"
    # shellcheck disable=SC2086 # one word a package
    inside env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
        -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=/dev/null -o Dpkg::Use-Pty=0 \
        -o Dpkg::Options::=--force-confold install $wanted >/dev/null || fail "a package could not be installed"
    [ -z "$new_sshd" ] || rm -f "$ROOT"/etc/ssh/ssh_host_*
}

# The screen, the network's side and the visit, each a user of its own; a group for what the first two show each other, and
# one for what the visit and the screen do.
make_users() {
    make_user kiosk-screen kiosk
    make_user kiosk-agent kiosk
    make_user kiosk-visit kiosk-visit
    # Whoever a ticket of the office opens a shell for (service-shell.sh): in no group that sees a unit's data.
    make_user kiosk-technician kiosk-technician --home-dir /run/kiosk-technician --shell /bin/bash
}

# make_user NAME GROUP [OPTIONS]
make_user() {
    user=$1 group=$2
    shift 2
    inside getent group "$group" >/dev/null || inside groupadd --system "$group"
    inside getent passwd "$user" >/dev/null && return
    inside useradd --system --gid "$group" --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin "$@" "$user"
    say "made the user $user"
}

# A Raspberry Pi OS has group and rule for the pins; plain Debian has neither, and the screen would never start.
make_gpio_group() {
    inside getent group gpio >/dev/null || { inside groupadd --system gpio && say "made the group gpio"; }
    put "$site/deploy/unit/lockdown/60-kiosk-gpio.rules" "$ROOT/etc/udev/rules.d/60-kiosk-gpio.rules" 644
}

# What a unit for real visits has more: packages, and a way through the lock-down for camera, sound and media.
is_visit() { [ -f "$ROOT/etc/kiosk/visit" ]; }

install_python() {
    wheels=requirements.txt
    ! is_visit || { sum=$sum-visit wheels=requirements-visit.txt; }
    venv=$KEEP/$sum
    if [ ! -f "$venv/complete" ]; then
        rm -rf "$venv"
        inside python3 -m venv "${venv#"$ROOT"}"
        inside "${venv#"$ROOT"}/bin/python" -m pip --isolated install -q --no-index --no-cache-dir --disable-pip-version-check \
            --find-links "${new#"$ROOT"}/wheels" --require-hashes -r "${new#"$ROOT"}/$wheels" ||
            fail "the wheels could not be installed"
        site=$(echo "$venv"/lib/python3*/site-packages)
        mkdir -p "$venv/libexec"
        install -m 755 "$site"/deploy/unit/lockdown/*.sh "$site"/deploy/unit/update/*.sh "$venv/libexec/"
        touch "$venv/complete"
        say "installed $sum"
    fi
    site=$(echo "$venv"/lib/python3*/site-packages)
    # The switch: one rename, so that a cut leaves the old version or the new one.
    if [ "$(readlink "$KEEP/current" 2>/dev/null)" != "$sum" ]; then
        ln -sfn "$sum" "$KEEP/current.new"
        mv -T "$KEEP/current.new" "$KEEP/current"
    fi
    ln -sfn /opt/kiosk/current/bin/kiosk "$ROOT/usr/local/bin/kiosk"
}

# An earlier release has fewer users, and files that nobody may move while it runs.
part_users() {
    [ -d "$DATA/state" ] && is_running || return 0
    [ ! -d "$DATA/state/shared" ] || [ -L "$DATA/state/calls" ] || return 0
    systemctl stop kiosk-agent.path kiosk-enrol.path kiosk-visit.path kiosk-renew.timer 2>/dev/null || true
    systemctl stop kiosk-screen.service kiosk-agent.service kiosk-enrol.service kiosk-visit.service 2>/dev/null || true
}

install_services() {
    for unit in "$site"/deploy/unit/systemd/*; do
        case $unit in *.service | *.timer | *.path | *.mount) put "$unit" "$ROOT/etc/systemd/system/$(basename "$unit")" 644 ;; esac
    done
    for service in kiosk-screen.service kiosk-agent.service kiosk-agent.path kiosk-enrol.service kiosk-enrol.path \
        kiosk-wipe.path kiosk-renew.timer kiosk-trial.service kiosk-update.path kiosk-update.timer kiosk-time.service kiosk-time.path; do
        inside systemctl -q enable "$service" 2>/dev/null || say "$service will be enabled at the next start"
    done
    put "$site/deploy/unit/lockdown/chrony.conf" "$ROOT/etc/chrony/chrony.conf" 644
    put "$site/deploy/unit/lockdown/chrony.apparmor" "$ROOT/etc/apparmor.d/local/usr.sbin.chronyd" 644
    ! is_visit || let_media_in
    part_users
    ! is_running || systemctl daemon-reload
}

# Done is what runs: each service that should be up by now is asked, and its own last words are shown where it is not.
prove() {
    systemctl start kiosk-screen.service kiosk-enrol.service kiosk-agent.path kiosk-update.timer kiosk-renew.timer 2>/dev/null || true
    ill=
    for service in kiosk-screen.service kiosk-agent.path kiosk-update.timer kiosk-renew.timer $(due); do
        stays_up "$service" || { ill="$ill $service" && why "$service" >&2; }
    done
    [ -z "$ill" ] || fail "installed, but not running:$ill"
    say "every service runs"
}

# Enrolment until there is a certificate, then the agent.
due() {
    if [ ! -e "$DATA/state/agent/trust/unit.pem" ]; then echo kiosk-enrol.service
    elif [ -e "$DATA/state/shared/unit.toml" ]; then echo kiosk-agent.service; fi
}

# A service that dies at once is started again and again: up is what has been up for three looks without a new start.
stays_up() {
    looks=0 tries=0 starts=
    while [ $looks -lt 3 ] && [ $tries -lt ${PROOF_S:-60} ]; do
        now=$(systemctl show -P NRestarts "$1")
        if systemctl is-active -q "$1" && [ "$now" = "$starts" ]; then looks=$((looks + 1)); else looks=0; fi
        starts=$now tries=$((tries + 1))
        sleep 1
    done
    [ $looks -ge 3 ]
}

why() {
    say "$1: $(systemctl show -P Result "$1") ($(systemctl show -P ExecMainStatus "$1" 2>/dev/null))"
    journalctl -q -u "$1" -n 5 -o cat 2>/dev/null || true
}

# The packets of a visit's lines, which have no port of their own, within the private ranges; camera and sound.
let_media_in() {
    from=$site/deploy/unit/lockdown
    put "$from/nftables-visit.conf" "$ROOT/etc/kiosk/nftables-visit.conf" 600
    put "$from/usbguard-visit.conf" "$ROOT/etc/usbguard/rules.d/60-kiosk-visit.conf" 600
    put "$from/91-kiosk-visit.rules" "$ROOT/etc/udev/rules.d/91-kiosk-visit.rules" 644
    inside systemctl -q enable kiosk-visit.path 2>/dev/null || say "kiosk-visit.path will be enabled at the next start"
}

# Keeps the lines that are there and adds what is missing.
join_lines() {
    mkdir -p "$(dirname "$2")"
    touch "$2"
    grep -qF "# training kiosk" "$2" || { printf '\n# training kiosk\n'; grep -v '^#' "$1"; } >>"$2"
}

# What is not there yet (in an image) or empty is formatted at the next start, by data.sh; nothing else ever is.
keep_data() {
    mkdir -p "$ROOT/etc/kiosk"
    [ "$(cat "$ROOT/etc/kiosk/data.conf" 2>/dev/null)" = "$device" ] || say "data will lie on $device, encrypted"
    echo "$device" >"$ROOT/etc/kiosk/data.conf"
}

lock() {
    from=$site/deploy/unit/lockdown
    put "$from/nftables.conf" "$ROOT/etc/nftables.conf" 600
    put "$from/usbguard-rules.conf" "$ROOT/etc/usbguard/rules.conf" 600
    put "$from/90-kiosk.rules" "$ROOT/etc/udev/rules.d/90-kiosk.rules" 644
    put "$from/kiosk-sysctl.conf" "$ROOT/etc/sysctl.d/90-kiosk.conf" 644
    if is_visit; then
        grep -v -e uvcvideo -e snd_usb_audio "$from/kiosk-modules.conf" >"$KEEP/modules.conf"
        put "$KEEP/modules.conf" "$ROOT/etc/modprobe.d/kiosk.conf" 644
    else
        put "$from/kiosk-modules.conf" "$ROOT/etc/modprobe.d/kiosk.conf" 644
    fi
    put "$from/logind.conf" "$ROOT/etc/systemd/logind.conf.d/kiosk.conf" 644
    put "$from/system.conf" "$ROOT/etc/systemd/system.conf.d/kiosk.conf" 644
    # No way back: RAUC takes nothing older than what is installed here.
    version=$(inside /opt/kiosk/current/bin/python -c 'from importlib.metadata import version as v; print(v("training-kiosk"))')
    sed -e "s/^min-bundle-version=.*/min-bundle-version=$version/" -e "s/^compatible=.*/compatible=training-kiosk-$arch/" \
        "$site/deploy/unit/update/system.conf" >"$KEEP/system.conf"
    put "$KEEP/system.conf" "$ROOT/etc/rauc/system.conf" 644
    if [ -f "$new/makers.pem" ]; then
        put "$new/makers.pem" "$ROOT/etc/rauc/keyring.pem" 644
    elif [ ! -f "$ROOT/etc/rauc/keyring.pem" ]; then
        say "no new system will ever be taken: the bundle holds no makers' certificate (kiosk bundle --makers)"
    fi
    # A root in memory keeps nothing: only where the data have a partition of their own.
    if [ -f "$ROOT/etc/kiosk/data.conf" ]; then
        put "$from/overlayroot.conf" "$ROOT/etc/overlayroot.local.conf" 644
    else
        say "the root stays writable and the data plain: no partition for them (--data /dev/DEVICE)"
    fi
    while read -r unit; do
        ln -sfn /dev/null "$ROOT/etc/systemd/system/$unit"
    done <"$from/masked.txt"
    if [ -d "$ROOT/boot/firmware" ]; then
        join_lines "$from/config.txt" "$ROOT/boot/firmware/config.txt"
        line=$(cat "$from/cmdline.txt")
        grep -qF "usbcore.authorized_default=0" "$ROOT/boot/firmware/cmdline.txt" 2>/dev/null ||
            printf '%s %s\n' "$(sed 's/console=serial[^ ]* *//' "$ROOT/boot/firmware/cmdline.txt" 2>/dev/null)" "$line" \
                >"$ROOT/boot/firmware/cmdline.txt.new"
        [ ! -f "$ROOT/boot/firmware/cmdline.txt.new" ] ||
            mv "$ROOT/boot/firmware/cmdline.txt.new" "$ROOT/boot/firmware/cmdline.txt"
    fi
    for service in nftables.service usbguard.service; do
        inside systemctl -q enable "$service" 2>/dev/null || true
    done
    say "locked down from the next start on"
}

[ $# -ge 1 ] || usage
bundle=$1
shift
read_words "$@"
check
[ -z "$visit" ] || { mkdir -p "$ROOT/etc/kiosk" && touch "$ROOT/etc/kiosk/visit"; }
unpack
install_packages
make_users
install_python
make_gpio_group
install_services
[ -z "$device" ] || keep_data
[ -z "$locking" ] || lock
! is_running || prove
say "done: $(inside /opt/kiosk/current/bin/kiosk --help | head -1)"
