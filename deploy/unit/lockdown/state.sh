#!/bin/sh
# The folders of a unit's state, one for each system user, before any service begins (kiosk-state.service):
#
#   state/screen   kiosk-screen's: people, money, practice, the site's key, screen.db
#   state/agent    kiosk-agent's, and enrolment's, renewal's and a stick's: trust, updates, content, agent.db
#   state/shared   both write: what one asks of the other, unit.toml
#   state/calls    visits: these two write there, and kiosk-visit, who comes into no other folder
#
# Earlier releases had one user and everything in `state` itself. What lies there comes to its folder, and a link stays in
# its place, by one exchange of two names (renameat2), so that at every instant the name leads to the whole of it: an
# older system that the firmware brings back, after a cut or a trial, finds all it had, and what it writes comes along again.
# Run again it changes nothing that is right already. DATA, and SCREEN, AGENT, VISIT, GROUP, VISITORS (numbers do) are for the tests.
set -eu

data=${DATA:-/var/lib/kiosk}
state=$data/state
screen=${SCREEN:-kiosk-screen}
agent=${AGENT:-kiosk-agent}
visit=${VISIT:-kiosk-visit}
group=${GROUP:-kiosk}
visitors=${VISITORS:-kiosk-visit}

say() { echo "state: $*" >&2; }

# folder PATH OWNER MODE [GROUP]
folder() {
    [ ! -L "$1" ] || rm "$1"
    [ -d "$1" ] || mkdir "$1"
    chown "$2:${4:-$group}" "$1"
    chmod "$3" "$1"
}

# What has its place already and lies in the old one again was written by an older system: that is the newer one.
make_room() {
    if [ -d "$1" ] && [ ! -L "$1" ]; then
        aside=$1.before-$(date +%s)
        mv -T "$1" "$aside"
        say "set aside $aside"
    fi
}

# move NAME FOLDER: a file or a folder of its own.
move() {
    [ -e "$state/$1" ] && [ ! -L "$state/$1" ] || return 0
    make_room "$state/$2/$1"
    ln -sfnT "$2/$1" "$state/$2/$1"
    mv --exchange -T "$state/$1" "$state/$2/$1"
}

# move_database NAME FOLDER: what SQLite has beside a file lies beside it under both names until the file itself is moved.
move_database() {
    if [ -e "$state/$1" ] && [ ! -L "$state/$1" ]; then
        for tail in -wal -shm -journal; do
            rm -f "$state/$2/$1$tail"
            [ ! -e "$state/$1$tail" ] || ln "$state/$1$tail" "$state/$2/$1$tail"
        done
        move "$1" "$2"
    fi
    [ ! -L "$state/$1" ] || rm -f "$state/$1-wal" "$state/$1-shm" "$state/$1-journal"
}

# unit.toml lies beside the state folder; whoever names it there is led to where both may write it.
move_settings() {
    if [ -e "$data/unit.toml" ] && [ ! -L "$data/unit.toml" ]; then
        ln -sfnT state/shared/unit.toml "$state/shared/unit.toml"
        mv --exchange -T "$data/unit.toml" "$state/shared/unit.toml"
    fi
}

# A name that is not there yet leads to its place as well, for whoever makes it.
link() { [ -e "$state/$1" ] || [ -L "$state/$1" ] || ln -sfnT "$2/$1" "$state/$1"; }

# Whatever lies in the state folder and is none of these is the screen's: settings and memories of devices, lessons.
is_agents() {
    case $1 in trust | update | acceptance | content.d | content.json | agent.*) ;; *) return 1 ;; esac
}
is_shared() {
    case $1 in wanted.json) ;; *) return 1 ;; esac
}

# What one asks of the other stands until it is answered; a link would outlive the answer, so none is left.
is_word() {
    case $1 in commission | enrol.json | office.heard | *.ask | *.told) ;; *) return 1 ;; esac
}

# The site's key is the screen's alone. Where both could read it, a link stays for an older system; enrolment and renewal put
# a file there, until the screen takes it (settings/unit_toml.py).
move_key() {
    if [ -f "$state/shared/site.key" ] && [ ! -L "$state/shared/site.key" ]; then
        [ ! -L "$state/screen/site.key" ] || rm "$state/screen/site.key"
        ln -f "$state/shared/site.key" "$state/screen/site.key"
    fi
    [ -f "$state/screen/site.key" ] || return 0
    lead screen/site.key "$state/site.key"
    lead ../screen/site.key "$state/shared/site.key"
}

# lead TARGET PATH: by one rename, and not again.
lead() { [ "$(readlink "$2")" = "$1" ] || ln -sfnT "$1" "$2"; }

bring() {
    move_database screen.db screen
    move_database agent.db agent
    for path in "$state"/* "$state"/.*; do
        name=${path##*/}
        case $name in . | .. | '*' | '.*' | .*.new | screen | agent | shared | calls | *.db | *.db-*) continue ;; esac
        if [ "$name" = marks ]; then bring_marks
        elif is_word "$name"; then mv -fT "$path" "$state/shared/$name"
        elif is_agents "$name"; then move "$name" agent
        elif is_shared "$name"; then move "$name" shared
        else move "$name" screen; fi
    done
    move_key
    move_settings
}

# The release before keeps visits in the folder that screen and agent share, and looks there; its own state.sh takes them back.
lift_calls() {
    [ -d "$state/shared/calls" ] && [ ! -L "$state/shared/calls" ] || return 0
    make_room "$state/calls"
    [ ! -L "$state/calls" ] || rm "$state/calls"
    mv -T "$state/shared/calls" "$state/calls"
}

# What the visit process writes is its own, and all else the agent's; the folder's group, which new files take, is that of
# visit and screen.
own_calls() {
    folder "$state/calls" "$agent" 2770 "$visitors"
    cd "$state"
    find calls -mindepth 1 ! -user "$visit" \( -name '*.kvs' -o -name '*.kept' -o -name '*.state' \) -exec chown -h "$visit" {} +
    find calls -mindepth 1 ! -user "$visit" ! -user "$agent" -exec chown -h "$agent" {} +
    find calls -mindepth 1 ! -group "$visitors" -exec chown -h ":$visitors" {} +
    as "$visit" find calls -maxdepth 1 -type f -user "$visit" -exec chmod 604 {} +
    as "$agent" find calls -maxdepth 1 -type f -user "$agent" -exec chmod 640 {} +
    cd /
}

# The second mark of each database lies in a folder that was both's.
bring_marks() {
    [ ! -L "$state/marks" ] || return 0
    [ ! -d "$state/screen/marks" ] && [ ! -d "$state/agent/marks" ] || return 0
    for side in screen agent; do
        [ ! -f "$state/marks/$side.mark" ] || { mkdir -p "$state/$side/marks" && ln -f "$state/marks/$side.mark" "$state/$side/marks/"; }
    done
}

# own FOLDER OWNER: what an older system or root's hand left there; other systems have other numbers for the same names.
own() { find "$state/$1" \( ! -user "$2" -o ! -group "$group" \) -exec chown -h "$2:$group" {} +; }

# as OWNER COMMAND…: a link that somebody laid in their folder leads them nowhere that they could not go themselves.
as() {
    who=$1
    shift
    with=$group
    [ "$who" != "$visit" ] || with=$visitors
    setpriv --reuid="$who" --regid="$with" --clear-groups "$@"
}

# What the other side reads is readable to the group, and nothing else is, whatever an older system left.
show() {
    cd "$state"
    for file in 'screen.db*' 'screen.log*' now.json glass.jpg; do show_as "$screen" screen "$file"; done
    for file in 'agent.db*' 'agent.log*' content.json; do show_as "$agent" agent "$file"; done
    for file in member.json root.pem crl.pem; do show_as "$agent" agent/trust "$file"; done
    for owner in "$screen" "$agent"; do show_as "$owner" shared '*'; done
    show_all "$screen" screen/tests
    show_all "$agent" agent/content.d
    cd /
}
hide() {
    cd "$state"
    as "$screen" find screen -path screen/tests -prune -o -type f -perm /077 -exec chmod go= {} +
    as "$agent" find agent -path agent/content.d -prune -o -type f -perm /077 -exec chmod go= {} +
    cd /
}
show_as() { as "$1" find "$2" -maxdepth 1 -type f -user "$1" -name "$3" -exec chmod 640 {} +; }
show_all() { [ ! -d "$2" ] || as "$1" find "$2" \( -type f -o -type d \) -user "$1" -exec chmod u=rwX,g=rX,o= {} +; }

[ -d "$data" ] || mkdir -p "$data"
# Whoever is not of the group is let through to a folder that opens itself to them, and sees no name here.
chown "root:$group" "$data"
chmod 751 "$data"
folder "$state" root 751
folder "$state/screen" "$screen" 750
folder "$state/agent" "$agent" 750
folder "$state/shared" root 770
bring
lift_calls
own_calls
folder "$state/agent/trust" "$agent" 750
own screen "$screen"
own agent "$agent"
hide
find "$state/shared" -mindepth 1 ! -group "$group" -exec chown -h "root:$group" {} +
find "$state/shared" -mindepth 1 ! -user "$screen" ! -user "$agent" -exec chown -h "$agent:$group" {} +
show
for name in agent.db trust update acceptance; do link $name agent; done
link screen.db screen
[ -e "$data/unit.toml" ] || ln -sfnT state/shared/unit.toml "$data/unit.toml"
sync "$state"
