/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_core.c - what a registration costs the core: two REGISTERs in, a 401
 * and a 200 out, P-CSCF, S-CSCF and HSS together, on one processor.
 *
 * UEs and core stand on hosts that hand messages over as they are: no sockets
 * and no ESP (bench_esp.c has that), but every SA set is agreed on, derived
 * and, in "with SA engine", installed in our ESP engine.  Only the time inside
 * the core counts for "core"; "both ends" is core and UE.
 */
#include "bench.h"

#include "io_keep.h"
#include "io_sqlite.h"
#include "ipsec_table.h"
#include "run_core.h"
#include "run_ue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOMAIN "ims.mnc001.mcc001.3gppnetwork.org"
#define QUEUE 16
#define BENCH_PATH 40

struct bench;
struct side {
	struct ims_host host; /* first */
	struct bench *bench;
	struct side *peer;
	struct ims_ipsec_table sets;
	struct ims_ipsec_engine *engine; /* NULL: SAs are only remembered */
};

struct message {
	struct side *to;
	struct ims_flow flow;
	char bytes[8192];
	size_t n;
};

struct bench {
	struct side ue, core;
	struct message queue[QUEUE];
	unsigned head, tail;
	struct ims_rand rnd;
	uint64_t seed;
	struct ims_hss hss;
	struct ims_run_core *run;
	struct ims_keep_store *keep; /* NULL: nothing outlives us */
	uint64_t now, registered, in_core;
	bool with_engine;
};

/* --- the hosts ------------------------------------------------------------- */

static int hold(struct ims_host *h, struct ims_addr local, bool is_protected,
		struct ims_flaw *why)
{
	(void)h, (void)local, (void)is_protected, (void)why;
	return 0;
}

static void release(struct ims_host *h, struct ims_addr local)
{
	(void)h, (void)local;
}

static int host_send(struct ims_host *h, const struct ims_flow *flow,
		     struct ims_str bytes, uint32_t ref, struct ims_flaw *why)
{
	struct side *s = (struct side *)h;
	struct message *m = &s->bench->queue[s->bench->tail++ % QUEUE];

	(void)ref, (void)why;
	if (bytes.n > sizeof m->bytes)
		abort();
	m->to = s->peer;
	m->flow = *flow;
	m->flow.local = flow->remote;
	m->flow.remote = flow->local;
	m->n = bytes.n;
	memcpy(m->bytes, bytes.p, bytes.n);
	return 0;
}

static int sa_add(struct ims_host *h, const struct ims_ipsec_set *set,
		  struct ims_flaw *why)
{
	struct side *s = (struct side *)h;

	(void)why;
	if (s->engine && ims_ipsec_engine_add(s->engine, set))
		abort();
	return ims_ipsec_table_add(&s->sets, set);
}

static void sa_del(struct ims_host *h, uint32_t set)
{
	struct side *s = (struct side *)h;

	if (s->engine)
		ims_ipsec_engine_del(s->engine, set);
	ims_ipsec_table_del(&s->sets, set);
}

static const struct ims_host_ops ops = {
	.hold = hold,
	.release = release,
	.send = host_send,
	.sa_add = sa_add,
	.sa_del = sa_del,
};

/* --- time ------------------------------------------------------------------ */

static uint64_t now_ms(void *arg)
{
	return ((struct bench *)arg)->now;
}

static uint64_t wall_ms(void *arg)
{
	return UINT64_C(1760000000000) + ((struct bench *)arg)->now;
}

static void wake(void *arg, uint64_t at_ms)
{
	(void)arg, (void)at_ms;
}

static void told(void *arg, enum ims_who who, const struct ims_act *t)
{
	struct bench *b = arg;

	if (who == IMS_WHO_UE && t->tell == IMS_TELL_REGISTERED)
		b->registered++;
}

static struct ims_run_env env_of(struct bench *b)
{
	return (struct ims_run_env){
		.now_ms = now_ms,
		.wall_ms = wall_ms,
		.wake = wake,
		.arg = b,
		.watch = {.told = told, .arg = b},
		.rnd = b->rnd,
	};
}

/* --- the registration ------------------------------------------------------ */

static const uint8_t key_k[16] = {0x46, 0x5b, 0x5c, 0xe8, 0xb1, 0x99,
				  0xb4, 0x9f, 0xaa, 0x5f, 0x0a, 0x2e,
				  0xe2, 0x38, 0xa6, 0xbc};
static const uint8_t key_opc[16] = {0xcd, 0x63, 0xcb, 0x71, 0x95, 0x4a,
				    0x9f, 0x4e, 0x48, 0xa5, 0x99, 0x4e,
				    0x37, 0xa0, 0x2b, 0xaf};

static struct ims_aka_key the_key(void)
{
	struct ims_aka_key k;

	if (ims_aka_key_init(&k, IMS_AKA_MILENAGE, key_k, 16) ||
	    ims_aka_key_opc(&k, key_opc, 16))
		abort();
	return k;
}

static struct ims_ip ip_of(uint64_t ue)
{
	uint8_t b[16] = {0x20, 0x01, 0x0d, 0xb8};

	for (int i = 0; i < 8; i++)
		b[15 - i] = (uint8_t)(ue >> 8 * i);
	return ims_ip_from(b, sizeof b);
}

static void subscriber(struct bench *b, uint64_t n)
{
	struct ims_sub sub = {.n_impus = 1, .key = the_key(), .amf = {0x80}};

	snprintf(sub.imsi, sizeof sub.imsi, "00101%010llu",
		 (unsigned long long)(n % 10000000000));
	snprintf(sub.impi, sizeof sub.impi, "%s@" DOMAIN, sub.imsi);
	snprintf(sub.impu[0].uri, sizeof sub.impu[0].uri, "sip:%s@" DOMAIN,
		 sub.imsi);
	if (b->hss.store->ops->add(b->hss.store, &sub))
		abort();
}

static void deliver(struct bench *b)
{
	while (b->head != b->tail) {
		struct message *m = &b->queue[b->head++ % QUEUE];
		uint64_t start = bench_ns();

		m->flow.set = ims_ipsec_table_flow(&m->to->sets, m->flow.local,
						   m->flow.remote);
		m->to->host.up.message(m->to->host.up.arg, &m->flow,
				       ims_str_n(m->bytes, m->n));
		if (m->to == &b->core)
			b->in_core += bench_ns() - start;
	}
}

static void register_one(struct bench *b, uint64_t n)
{
	struct ims_run_env env = env_of(b);
	struct ims_aka_key key = the_key();
	struct ims_ue_conf conf;
	struct ims_run_ue *ue;
	struct ims_flaw why;
	struct ims_card card;
	char imsi[16];

	snprintf(imsi, sizeof imsi, "00101%010llu",
		 (unsigned long long)(n % 10000000000));
	ims_ue_conf_default(&conf);
	ims_ue_conf_imsi(&conf, ims_str(imsi), 2);
	conf.local = (struct ims_addr){ip_of(n + 2), 5060};
	conf.pcscf[0] = (struct ims_addr){ip_of(1), 5060};
	conf.n_pcscf = 1;
	conf.transport_register = IMS_UE_UDP;
	conf.subscribe = false;
	ims_card_init(&card, &key);
	ue = ims_run_ue_new(&conf, &card, &env);
	if (!ue)
		abort();
	b->ue.host.up = ims_run_ue_up(ue);
	if (ims_run_ue_attach(ue, &b->ue.host, &why))
		abort();
	ims_run_ue_start(ue);
	deliver(b);
	ims_run_ue_free(ue);
}

static void side_init(struct bench *b, struct side *s, struct side *peer)
{
	s->host.ops = &ops;
	s->host.ipsec = "none";
	s->bench = b;
	s->peer = peer;
	if (ims_ipsec_table_init(&s->sets))
		abort();
	s->engine = b->with_engine ? ims_ipsec_engine_new(&b->rnd) : NULL;
}

static void core_init(struct bench *b)
{
	struct ims_run_env env = env_of(b);
	struct ims_run_core_conf c;
	struct ims_flaw why;

	ims_pcscf_conf_default(&c.pcscf);
	ims_scscf_conf_default(&c.scscf);
	c.pcscf.gm = (struct ims_addr){ip_of(1), 5060};
	c.pcscf.mw = (struct ims_addr){ip_of(1), 4060};
	c.pcscf.scscf = c.scscf.local = (struct ims_addr){ip_of(1), 6060};
	snprintf(c.pcscf.network, sizeof c.pcscf.network, DOMAIN);
	snprintf(c.scscf.domain, sizeof c.scscf.domain, DOMAIN);
	snprintf(c.scscf.realm, sizeof c.scscf.realm, DOMAIN);
	env.keep = b->keep;
	b->run = ims_run_core_new(&c, &b->hss, &env);
	if (!b->run)
		abort();
	b->core.host.up = ims_run_core_up(b->run);
	if (ims_run_core_attach(b->run, &b->core.host, &why))
		abort();
}

static void bench_free(struct bench *b)
{
	ims_run_core_free(b->run);
	ims_ipsec_engine_free(b->ue.engine);
	ims_ipsec_engine_free(b->core.engine);
	ims_ipsec_table_free(&b->ue.sets);
	ims_ipsec_table_free(&b->core.sets);
	b->hss.store->ops->free(b->hss.store);
	if (b->keep)
		b->keep->ops->free(b->keep);
}

/* A file of a name that nobody has. */
static const char *new_path(char path[static BENCH_PATH])
{
	int fd;

	snprintf(path, BENCH_PATH, "/tmp/imsreg-bench-XXXXXX");
	fd = mkstemp(path);
	if (fd < 0 || close(fd))
		abort();
	return path;
}

static struct ims_hss_store *store(bool sqlite, char *path)
{
	struct ims_hss_store *s = NULL;
	struct ims_flaw why;

	if (!sqlite)
		return ims_hss_mem_new();
	return ims_io_sqlite_open(new_path(path), &s, &why) ? NULL : s;
}

static void unlink_all(const char *path)
{
	static const char *const tail[] = {"", "-wal", "-shm", "-live"};
	char more[64];

	for (size_t i = 0; *path && i < sizeof tail / sizeof *tail; i++) {
		snprintf(more, sizeof more, "%s%s", path, tail[i]);
		unlink(more);
	}
}

struct kind {
	const char *name;
	bool engine, sqlite, state;
};

static void run(const struct kind *k, uint64_t rounds)
{
	struct bench *b = calloc(1, sizeof *b);
	char path[BENCH_PATH] = "", state[BENCH_PATH] = "";
	struct ims_flaw why;
	uint64_t start;

	b->seed = 1;
	b->rnd = ims_rand_seeded(&b->seed);
	b->with_engine = k->engine;
	b->hss = (struct ims_hss){.store = store(k->sqlite, path),
				  .scheme = ims_sqn_scheme_default(),
				  .rnd = b->rnd};
	if (!b->hss.store ||
	    (k->state && ims_io_keep_open(new_path(state), &b->keep, &why)))
		abort();
	side_init(b, &b->ue, &b->core);
	side_init(b, &b->core, &b->ue);
	core_init(b);
	for (uint64_t i = 0; i < rounds; i++)
		subscriber(b, i);
	start = bench_ns();
	for (uint64_t i = 0; i < rounds; i++)
		register_one(b, i);
	if (b->registered != rounds)
		abort();
	bench_say(k->name, start, rounds);
	printf("  in the core %.1f us: %.0f registrations/s on one processor\n",
	       (double)b->in_core / 1e3 / (double)rounds,
	       (double)rounds * 1e9 / (double)b->in_core);
	bench_free(b);
	free(b);
	unlink_all(path);
	unlink_all(state);
}

int main(int argc, char **argv)
{
	static const struct kind all[] = {
		{"registration, both ends", false, false, false},
		{"with SA engine", true, false, false},
		{"with subscribers in SQLite", false, true, false},
		{"with state file", true, false, true},
	};
	uint64_t rounds = bench_rounds(argc, argv, 5000);
	const char *only = bench_only(argc, argv);

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (!only || strcmp(only, all[i].name) == 0)
			run(&all[i], rounds);
	return 0;
}
