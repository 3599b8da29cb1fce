#!/usr/bin/env bash
# Runs a Ceph object store of one node, with its S3 gateway on 127.0.0.1 and its data in memory, until standard input ends: so
# it outlives nobody who started it, however that one dies. Prints "ready PID" when the gateway answers; about 1 GB. Each line of
# standard input starts the gateway anew, which must have been killed; the data stay, and it prints "ready PID" again.
#   ceph-rgw.sh DIR GATEWAY_PORT MONITOR_PORT MONITOR_V1_PORT     DIR exists, is empty, and is removed at the end
# Needs Debian's radosgw ceph-mon ceph-osd ceph-common. Key: testkey / testsecret.
set -euo pipefail
dir=$1 port=$2 monitor="[v2:127.0.0.1:$3,v1:127.0.0.1:$4]"
classes=$(dirname "$(ls -d /usr/lib/*/rados-classes/libcls_rgw.so | head -n 1)")

pids=()
stop() {
  exec 2>/dev/null
  kill -KILL "${pids[@]}" || true
  wait || true
  rm -rf "$dir"
}
trap stop EXIT
trap 'exit 1' TERM INT HUP

exec 4>&2
failed() {
  tail -n 5 "$dir"/*.out >&4
  exit 1
}

mkdir "$dir"/{mon,osd,rgw,run}
cat >"$dir/ceph.conf" <<CONF
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
keyring = $dir/keyring
mon_initial_members = a
mon_host = $monitor
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
run_dir = $dir/run
admin_socket = $dir/run/\$cluster-\$name.asok
pid_file =
log_file = $dir/\$name.log
# What is gathered for a log that nobody reads costs more than the work itself.
debug_ms = 0/0
debug_mon = 0/0
debug_osd = 0/0
debug_rgw = 0/0
debug_objecter = 0/0
debug_bluestore = 0/0
[mon.a]
mon_data = $dir/mon
[osd]
osd_objectstore = memstore
osd_data = $dir/osd
memstore_device_bytes = 8589934592
osd_class_dir = $classes
[client.rgw]
rgw_data = $dir/rgw
rgw_frontends = beast endpoint=127.0.0.1:$port
rgw_enable_usage_log = false
# Every listing asks every shard of a bucket, of which there are eleven otherwise.
rgw_override_bucket_index_max_shards = 1
# What was deleted leaves the memory soon.
rgw_gc_obj_min_wait = 60
rgw_gc_processor_period = 60
rgw_thread_pool_size = 64
# An upload whose completion broke off with a killed gateway is locked for so long; ten minutes by default.
rgw_mp_lock_max_time = 10
CONF

conf=(-c "$dir/ceph.conf")
ceph=(timeout 30 ceph "${conf[@]}")
key() { ceph-authtool "$dir/keyring" --gen-key "$@" >/dev/null; }
run() {
  local name=$1
  shift
  "$@" >"$dir/$name.out" 2>&1 </dev/null &
  pids+=($!)
}
# Waits for what answers no sooner by being waited for otherwise; gives up when the last one started has died.
until_true() { until "$@" >/dev/null 2>&1; do kill -0 "${pids[-1]}" 2>/dev/null || failed; sleep 0.1; done; }

ceph-authtool --create-keyring "$dir/keyring" --gen-key -n mon. --cap mon 'allow *' >/dev/null
key -n client.admin --cap mon 'allow *' --cap osd 'allow *'
key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
key -n client.rgw --cap mon 'allow rw' --cap osd 'allow rwx'
fsid=$(sed -n 's/^fsid = //p' "$dir/ceph.conf")
monmaptool --create --fsid "$fsid" --addv a "$monitor" "$dir/monmap" >/dev/null
ceph-mon "${conf[@]}" -i a --mkfs --monmap "$dir/monmap" --keyring "$dir/keyring"
run mon ceph-mon "${conf[@]}" -i a -f
until_true "${ceph[@]}" auth import -i "$dir/keyring"
osd=$(cat /proc/sys/kernel/random/uuid)
"${ceph[@]}" osd new "$osd" 0 >/dev/null 2>&1
ceph-osd "${conf[@]}" -i 0 --mkfs --osd-uuid "$osd" >"$dir/osd.out" 2>&1 || failed
run osd ceph-osd "${conf[@]}" -i 0 -f
osd_is_up() { "${ceph[@]}" osd stat | grep -q '1 up'; }
until_true osd_is_up
timeout 90 radosgw-admin "${conf[@]}" -n client.rgw user create --uid=test --display-name=test \
  --access-key=testkey --secret-key=testsecret >"$dir/user.out" 2>&1 || failed
gateway_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$port" && printf 'GET / HTTP/1.0\r\n\r\n' >&3 && grep -q '^HTTP' <&3); }
start_gateway() {
  run rgw radosgw "${conf[@]}" -n client.rgw -f
  until_true gateway_answers
  echo "ready ${pids[-1]}"
}
start_gateway
# There bash tells of every process that was killed.
exec 2>/dev/null
while read -r; do
  wait "${pids[-1]}" || true
  unset 'pids[-1]'
  start_gateway
done
