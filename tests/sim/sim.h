/* SPDX-License-Identifier: BSD-2-Clause */
/* sim.h - whole lives of registrations, in memory, under a seeded scheduler.
 *
 * One world is one core and one to four UEs: the same run units that users
 * run, on hosts that carry whole messages.  Everything that happens follows
 * from the seed, so a life replays exactly.  After every step the invariants
 * of sim_check.c are looked at; the first that does not hold ends the life.
 *
 *	sim_main.c    arguments, many lives, replay with the ladder
 *	sim_plan.c    who takes part, and in what weather
 *	sim_life.c    what befalls a world: drawn from the seed
 *	sim_world.c   units and their clocks; kill and bring back
 *	sim_host.c    a host that carries messages, with SAs that must match
 *	sim_net.c     what is on its way: loss, delay, order, connections
 *	sim_keep.c    a store that can be cut between put and commit
 *	sim_hss.c     the subscribers, watched: SQN only rises
 *	sim_seen.c    every message is looked at as it passes
 *	sim_check.c   the invariants, after every step
 *	sim_rest.c    what must hold at the end
 *	sim_wrong.c   misbehaviour on demand in a life, and what it excuses
 *	sim_in_*.c    the inside of one role, for the invariants
 *	sim_stat.c    how often each thing happened
 */
#ifndef SIM_H
#define SIM_H

#include "run_core.h"
#include "run_ue.h"
#include "sim_stat.h"

#include <stdio.h>

#define SIM_UES 4
#define SIM_PORTS 32
#define SIM_SETS 32
#define SIM_REFS 8
#define SIM_BRANCHES 256
#define SIM_MINUTE UINT64_C(60000)
#define SIM_HOUR UINT64_C(3600000)

/* X(name, "id", "clause", "what must hold") */
/* clang-format off */
#define SIM_INVARIANTS(X) \
X(BOUND, "bound", "24.229 5.1.1.2, 33.203 7.4", \
  "a UE that is registered has a binding, and its set has a twin at the core") \
X(TWIN, "twin", "33.203 7.1", \
  "two sets with one SPI at one address, or twins with different keys") \
X(FEW, "few", "33.203 7.4", \
  "a UE has at most a temporary, a new and an old set") \
X(OWNER, "owner", "33.203 7.4", \
  "a set that is installed belongs to a UE or a user who lives") \
X(LIFE, "life", "33.203 7.4, 24.229 5.1.1.5.1", \
  "no set outlives the end its owner gave it, none in use ends by itself") \
X(CLEAR_OUT, "clear-out", "33.203 7.1", \
  "nothing of ours leaves a protected port in the clear") \
X(CLEAR_IN, "clear-in", "24.229 5.2.2, 33.203 7.2", \
  "what came in the clear is not passed on as if it came inside SAs") \
X(CLEAR_UE, "clear-ue", "33.203 7.2", \
  "nothing that came in the clear makes a UE registered, or ends that") \
X(ANSWER_ONCE, "answer-once", "33.102 6.3.3", \
  "a challenge is answered once: no two sets from the same keys") \
X(NONCE_ONCE, "nonce-once", "24.229 5.4.1.2.2", \
  "outside of SAs in use a nonce is accepted once") \
X(SQN, "sqn", "33.102 6.3.2", \
  "SQN rises, but for a resynchronisation") \
X(CSEQ, "cseq", "RFC 3261 8.1.1.5, 12.2.1.1", \
  "CSeq rises within a Call-ID") \
X(VERSION, "version", "RFC 3680 5.1", \
  "the version of reginfo rises by one within a dialog") \
X(PROMISE, "promise", "24.229 5.4.1.2.2F", \
  "nothing leaves before what it promises is committed") \
X(WAKE, "wake", "RFC 3261 17, 24.229 5.1.1", \
  "a timer leads out of every state that waits") \
X(ACTS, "acts", "", \
  "the queue of acts stays small, and none is lost") \
X(BACK, "back", "24.229 5.1.1.2", \
  "when the weather is fair again every UE gets registered") \
X(LEAVE, "leave", "24.229 5.1.1.6", \
  "a UE that is stopped comes to rest") \
X(NOTHING, "nothing-left", "33.203 7.4", \
  "at the end there is no set, port, binding, record or timer")
/* clang-format on */

enum sim_invariant {
#define X(name, id, clause, what) SIM_##name,
	SIM_INVARIANTS(X)
#undef X
		SIM_N_INVARIANTS
};
const char *sim_invariant_id(enum sim_invariant i);
const char *sim_invariant_clause(enum sim_invariant i);
const char *sim_invariant_what(enum sim_invariant i);

struct sim;
struct sim_side;

/* --- the store (sim_keep.c) ---------------------------------------------- */
struct sim_record {
	enum ims_keep kind;
	char *key, *bytes;
	size_t n_key, n, cap;
};
struct sim_keep {
	struct ims_keep_store store; /* first */
	struct sim_side *side;
	/* what is safe; what waits for the commit (n 0: to be forgotten) */
	struct sim_record *safe, *wait;
	size_t n_safe, n_wait, cap_safe, cap_wait;
	struct {
		uint32_t set; /* 0: free */
		struct ims_ipsec_live live;
	} live[SIM_SETS];
};
void sim_keep_init(struct sim_keep *k, struct sim_side *side);
void sim_keep_free(struct sim_keep *k);
void sim_keep_crash(struct sim_keep *k); /* what waits is gone */
size_t sim_keep_count(const struct sim_keep *k, enum ims_keep kind);

/* --- hosts (sim_host.c) -------------------------------------------------- */
struct sim_port {
	struct ims_addr at;
	bool is_protected;
	unsigned users; /* 0: free */
};
struct sim_sa_set {
	struct ims_ipsec_set set; /* with keys; id 0: free */
	struct ims_ipsec_live own;
	uint64_t ends_ms; /* then it goes by itself; IMS_NEVER: it does not */
	bool orphan;      /* of a process that was killed */
};
struct sim_host {
	struct ims_host host; /* first */
	struct sim_side *side;
	struct ims_ip ip;
	struct sim_port port[SIM_PORTS];
	struct sim_sa_set set[SIM_SETS];
	size_t top; /* none stands at or behind it */
	uint32_t last_conn;
	uint16_t last_port;
};
void sim_host_init(struct sim_host *h, struct sim_side *side);
void sim_host_crash(struct sim_host *h, bool kernel); /* keeps SAs if so */
struct sim_port *sim_host_port(struct sim_host *h, struct ims_addr at);
struct sim_sa_set *sim_host_set(struct sim_host *h, uint32_t id);
size_t sim_host_sets(const struct sim_host *h);
uint64_t sim_host_ends(const struct sim_host *h); /* the first that does */
void sim_host_end(struct sim_host *h);            /* its time has come */
/* One that its owner has is taken away by somebody, and he hears of it: n is
 * any number.  False: there is none.
 */
bool sim_host_lose(struct sim_host *h, uint32_t n);
bool sim_twins(const struct ims_ipsec_set *a, const struct ims_ipsec_set *b);

/* --- the net (sim_net.c) ------------------------------------------------- */
struct sim_end {
	struct sim_side *side; /* NULL: not accepted, or gone */
	struct ims_addr local, remote;
	uint32_t id, set, epoch;
	uint32_t ref[SIM_REFS];
	size_t n_refs;
};
struct sim_conn {
	uint32_t id; /* 0: free */
	struct sim_end end[2];
	uint64_t last_ms[2]; /* order is kept */
};
enum sim_flight_kind { SIM_MSG, SIM_BREAK };
struct sim_flight {
	uint64_t at_ms, order;
	enum sim_flight_kind kind;
	enum ims_transport transport;
	struct ims_addr src, dst;
	uint32_t conn; /* the net's number */
	int to;        /* which end */
	bool refused;  /* BREAK: by a RST, not by silence */
	/* ESP */
	uint32_t spi, seq;
	struct ims_ipsec_suite suite;
	struct ims_ipsec_keys keys;
	char *bytes;
	size_t n;
};
struct sim_net {
	struct sim *sim;
	struct sim_flight *v;
	size_t n, cap;
	uint64_t orders;
	struct sim_conn *conn;
	size_t n_conns;
	uint32_t last_conn;
};
void sim_net_init(struct sim_net *n, struct sim *sim);
void sim_net_free(struct sim_net *n);
uint64_t sim_net_next(const struct sim_net *n);
void sim_net_deliver(struct sim_net *n); /* the first that is due */
int sim_net_udp(struct sim_host *h, const struct ims_flow *flow,
		struct ims_str bytes, struct sim_sa_set *over);
int sim_net_tcp(struct sim_host *h, const struct ims_flow *flow,
		struct ims_str bytes, uint32_t ref, struct sim_sa_set *over);
/* What was captured, by a stranger: in the clear, or just as it was. */
void sim_net_forge(struct sim_net *n, struct ims_addr src, struct ims_addr dst);
void sim_net_replay(struct sim_net *n);
void sim_net_drop_set(struct sim_net *n, struct sim_side *side, uint32_t set);
void sim_net_drop_side(struct sim_net *n, struct sim_side *side);
bool sim_net_break_one(struct sim_net *n); /* some connection */

/* --- who takes part (sim_world.c) ---------------------------------------- */
enum sim_want { SIM_WANT_NOTHING, SIM_WANT_REGISTERED, SIM_WANT_LEAVE };

struct sim_side {
	struct sim *sim;
	char name[8];
	bool is_core;
	unsigned number;
	uint64_t rnd_state;
	struct ims_trace trace;
	struct sim_host host;
	struct sim_keep keep;
	struct ims_run_core *core;
	struct ims_run_ue *ue;
	bool up, started;
	bool dead;       /* a kill is under way: nothing takes effect */
	long cut_in;     /* acts until it is killed; -1: not */
	bool no_restart; /* it does not come back */
	uint64_t down_ms, back_ms; /* then it comes back */
	uint64_t stop_at;          /* the core ends in order; 0: not */
	uint64_t asleep_until;
	uint64_t due_ms;
	int64_t wall_skew_ms;
	bool clock_moved;          /* its records hold another time of day */
	uint64_t killed_ms;        /* when it was last killed */
	uint32_t epoch;            /* how often it was started */
	struct ims_inject *inject; /* NULL: it behaves */
	uint32_t keys[64];         /* of sets that were installed: hashes */
	size_t n_keys;

	/* UE */
	struct ims_ue_conf conf;
	struct ims_card card;
	enum sim_want want;
	/* BOUND: what it asked for before then, and got, may be over without
	 * its knowledge: until it asks again.
	 */
	bool excused;
	uint64_t excused_at;
	uint64_t asked_ms;     /* when its last REGISTER left */
	uint64_t reg_asked_ms; /* the one that its registration rests on */
	uint64_t again_ms;     /* the user presses start again */
	uint64_t want_since;
	bool was_registered;
	uint64_t torn_since; /* BOUND does not hold since; 0: it does */
	uint64_t idle_since;
};

/* A Call-ID's last numbers (sim_seen.c). */
struct sim_dialog {
	uint32_t key, cseq, branch;
	uint32_t epoch; /* of who said it last */
	uint32_t version;
	bool has_version;
	/* Those of NOTIFYs that could not leave when they were said. */
	uint32_t late_min, late_max;
	unsigned long said_step;
	uint32_t said;
};
/* A REGISTER between P-CSCF and S-CSCF. */
struct sim_asked {
	uint32_t branch, nonce;
	bool secured;
};

/* What nothing in the clear makes or ends. */
struct sim_core_hold {
	bool bound[SIM_UES];
	size_t sets[SIM_UES]; /* that were proven */
};

struct sim_weather {
	unsigned lost, twice, late, broken; /* of a thousand */
	uint32_t late_ms;
	unsigned sa_fails, hss_fails, commit_fails; /* of a thousand */
	unsigned forged;                            /* of a thousand */
	bool dark;                                  /* nothing passes */
};

struct sim_hss; /* sim_hss.c */

struct sim {
	uint64_t seed, state;
	struct ims_rand rnd; /* of the scheduler */
	uint64_t more_state;
	struct ims_rand more; /* of what came later: lives stay the same */
	uint64_t host_state;
	struct ims_rand host; /* of hosts and strangers */
	bool leaky;           /* hosts let clear text in at protected ports */
	const struct ims_inject_row *wrong; /* NULL: nobody misbehaves */
	struct sim_side *wrongdoer;
	unsigned wrong_at, n_wrong; /* the N-th opportunity; how often so far */
	unsigned long wrong_step;   /* the step in which it was done last */
	uint32_t few_spis;          /* the P-CSCF's, 0: enough of them */
	uint64_t now_ms, wall_ms;
	struct sim_net net;
	struct sim_side core, ue[SIM_UES];
	unsigned n_ues;
	struct ims_run_core_conf core_conf;
	struct ims_hss hss;
	uint64_t hss_state;
	struct sim_weather weather;
	bool kernel; /* SAs outlive a kill in the kernel */
	uint64_t dark_until;
	uint64_t fair_since; /* nothing bad happened since */
	bool keeps;          /* with stores */
	bool clear;          /* without IPsec */
	uint32_t pace_s;     /* about how often something is refreshed */
	bool ending;         /* all that was wanted is to be taken down */
	uint64_t same_ms;    /* steps without time */
	unsigned n_same;

	/* what passed */
	struct sim_dialog *dialog;
	size_t n_dialogs, cap_dialogs;
	uint32_t branch[SIM_BRANCHES]; /* of requests, the last ones */
	size_t n_branches;
	uint32_t *nonce; /* accepted outside of SAs in use */
	size_t n_nonces, cap_nonces;
	uint64_t sqn[SIM_UES];
	bool auts[SIM_UES]; /* a resynchronisation was asked for */
	struct sim_asked asked[16];
	size_t n_asked;
	struct sim_side *taker; /* who takes a message in this step */
	bool taking_clear;
	bool taking_due; /* its own time had come as well */
	uint32_t taking_call_id;
	struct sim_core_hold held;  /* by the core before it took that */
	struct sim_side *wrong_to;  /* who was sent what is wrong */
	struct sim_flight captured; /* one that passed, for who forges */

	unsigned long steps, messages;
	struct sim_stat *stat;
	bool failed;
	enum sim_invariant invariant;
	char why[400];
	FILE *log;           /* NULL: silent */
	const char *without; /* kinds of events that do not happen */
	unsigned n_moves;
};

/* A line of the ladder. */
void sim_note(struct sim *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void sim_fail(struct sim *s, enum sim_invariant i, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
uint32_t sim_chance(struct sim *s, uint32_t below);
bool sim_one_in(struct sim *s, uint32_t n);
bool sim_permille(struct sim *s, unsigned n);
uint32_t sim_more(struct sim *s, uint32_t below);      /* the other dice */
uint32_t sim_host_dice(struct sim *s, uint32_t below); /* the third */
void sim_count(struct sim *s, enum sim_count what);
/* An invariant was looked at where it could have been broken. */
void sim_held(struct sim *s, enum sim_invariant i);

void sim_world_init(struct sim *s);
void sim_world_free(struct sim *s);
void sim_side_start(struct sim_side *side); /* process and attach */
void sim_side_kill(struct sim_side *side);
/* One act takes effect; false: the process is dead already. */
bool sim_side_act(struct sim_side *side);
/* The next thing happens; false: nothing up to until_ms. */
bool sim_turn(struct sim *s, uint64_t until_ms);
struct sim_side *sim_side_at(struct sim *s, struct ims_ip ip);
/* What it has of the core may be over, and it cannot know. */
void sim_excuse(struct sim_side *ue);
void sim_excuse_at(struct sim_side *ue, uint64_t at_ms);
void sim_excuse_all(struct sim *s, uint64_t at_ms);
void sim_ue_address(struct sim_side *ue);

/* --- sim_plan.c, sim_life.c ------------------------------------------------ */
void sim_plan(struct sim *s);
struct ims_ip sim_new_ip(struct sim *s, unsigned ue);
void sim_life(struct sim *s);          /* all of it */
const char *sim_strike_name(size_t i); /* NULL: there are no more */

/* --- sim_wrong.c ---------------------------------------------------------- */
void sim_wrong_plan(struct sim *s);
void sim_wrong_start(struct sim_side *side); /* a process begins */
void sim_wrong_end(struct sim_side *side);
void sim_wrong_check(struct sim *s); /* has it just been done? */
/* Has it been done in this step, and no look been taken yet? */
bool sim_wrong_believes(const struct sim *s, const struct sim_side *ue);
bool sim_wrong_again(const struct sim *s, const struct sim_side *side);
bool sim_wrong_now(const struct sim *s, const char *id);

/* --- sim_hss.c ------------------------------------------------------------ */
struct ims_hss_store *sim_hss_new(struct sim *s);
const char *sim_impi(unsigned ue); /* of UE n */
void sim_key(unsigned ue, struct ims_aka_key *out);

/* --- sim_seen.c ----------------------------------------------------------- */
void sim_seen(void *arg, const struct ims_seen *m);
void sim_seen_leave(struct sim_side *side, const struct ims_flow *flow,
		    struct ims_str bytes);
void sim_seen_withheld(struct sim *s); /* what was said in this step */
void sim_seen_free(struct sim *s);
void sim_seen_taken(struct sim *s, struct ims_str bytes); /* before it is */

/* --- sim_check.c ---------------------------------------------------------- */
void sim_check_step(struct sim *s);
void sim_check_rest(struct sim *s); /* at the end, before all is freed */
void sim_check_hold(struct sim *s); /* the core is about to take something */
bool sim_ue_registered(const struct sim_side *ue);
bool sim_ue_idle(const struct sim_side *ue);

/* --- sim_in_ue.c, sim_in_pcscf.c, sim_in_scscf.c -------------------------- */
struct sim_ue_look {
	const char *state;
	bool registered; /* it believes so */
	bool idle;
	uint64_t due, until; /* of the registration */
	uint32_t now, old, temp;
	uint64_t ends[3]; /* of these, as it means to end them */
	size_t acts_cap, acts_bytes;
	bool acts_lost;
	size_t txns;
};
void sim_in_ue(const struct ims_ue *ue, struct sim_ue_look *out);
struct sim_core_look {
	size_t users, sets, pending, relays, spis;
	uint64_t due;
	size_t acts_cap, acts_bytes;
	bool acts_lost;
	size_t txns;
};
void sim_in_pcscf(const struct ims_pcscf *p, struct sim_core_look *out);
void sim_in_pcscf_spis(const struct ims_pcscf *p, struct ims_rand rnd);
bool sim_in_pcscf_owns(const struct ims_pcscf *p, uint32_t set);
/* The latest moment at which it ends that set by itself; IMS_NEVER: not yet
 * known.
 */
uint64_t sim_in_pcscf_ends(const struct ims_pcscf *p, uint32_t set);
/* How many proven sets has that user? */
size_t sim_in_pcscf_proven(const struct ims_pcscf *p, const char *impi);
size_t sim_in_pcscf_most(const struct ims_pcscf *p);
const char *sim_in_pcscf_stuck(const struct ims_pcscf *p);
void sim_in_scscf(const struct ims_scscf *s, struct sim_core_look *out);
bool sim_in_scscf_bound(const struct ims_scscf *s, const char *impi);

#endif
