# Debian packages, when we may install them. Sourced by setup and peers.

# Print the prefix that runs a command as root, or fail: nobody is ever asked for a password.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        echo env
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        echo "sudo -n env"
    else
        return 1
    fi
}

# Install Debian packages; fail without a word on screen but the reason in $install_failure.
install_packages() {
    install_failure=""
    local root log
    if ! command -v apt-get >/dev/null; then
        install_failure="no apt-get on this system"
        return 1
    fi
    if ! root="$(as_root)"; then
        install_failure="not root, and sudo asks for a password"
        return 1
    fi
    echo "installing Debian packages: $*" >&2
    log="$(mktemp)"
    # An index a month old names files that are gone: refresh once, quietly, and try all the same without.
    if [ -z "${index_refreshed:-}" ]; then
        $root apt-get -qq -o Acquire::Retries=1 -o Acquire::http::Timeout=30 update >"$log" 2>&1 || true
        index_refreshed=yes
    fi
    if ! $root DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
        -o Acquire::Retries=2 -o Acquire::http::Timeout=60 -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 \
        install "$@" >>"$log" 2>&1 </dev/null; then
        install_failure="apt-get: $(grep -m 1 '^E:' "$log" || tail -n 1 "$log")"
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}
