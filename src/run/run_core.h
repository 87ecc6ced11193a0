/* SPDX-License-Identifier: BSD-2-Clause */
/* run_core.h - P-CSCF, S-CSCF and HSS in one process, on one host.
 *
 * Between P-CSCF and S-CSCF go SIP bytes (Mw) and between S-CSCF and HSS
 * values (Cx), as they would between three machines.
 */
#ifndef IMS_RUN_CORE_H
#define IMS_RUN_CORE_H

#include "hss.h"
#include "pcscf.h"
#include "run.h"
#include "scscf.h"

struct ims_run_core_conf {
	struct ims_pcscf_conf pcscf;
	struct ims_scscf_conf scscf;
};

struct ims_run_core;
/* hss is borrowed (its SQN scheme, store and chance are the caller's). */
struct ims_run_core *ims_run_core_new(const struct ims_run_core_conf *conf,
				      struct ims_hss *hss,
				      const struct ims_run_env *env);
void ims_run_core_free(struct ims_run_core *c); /* not the host */
/* Frees the memory only, as if the process had ended here: host and store stay
 * as they are, and nobody is told.  For tests.  The host is freed after it.
 */
void ims_run_core_kill(struct ims_run_core *c);
/* Frees it in order, but ends nothing: registrations, subscriptions and SAs are
 * for the process that comes after us.  What is only under way is lost.  The
 * host is freed after it.  0, or -IMS_E_STORE: the last changes could not be
 * committed, or there is no store.
 */
int ims_run_core_leave(struct ims_run_core *c);
struct ims_host_up ims_run_core_up(struct ims_run_core *c);
/* Holds the unprotected port and, unless its security is off, all protected
 * ones of the P-CSCF; then what a process before us kept (env.keep) goes on: its
 * SA sets are adopted, UEs and users are known again, and SAs that belong to
 * none of them are removed.  Before the host's loop reads its first packet.
 */
int ims_run_core_attach(struct ims_run_core *c, struct ims_host *host,
			struct ims_flaw *why);
/* Ends in order: the UEs are told by NOTIFY; a moment later, free it. */
void ims_run_core_stop(struct ims_run_core *c);
void ims_run_core_tick(struct ims_run_core *c);
/* To look at. */
const struct ims_pcscf *ims_run_core_pcscf(const struct ims_run_core *c);
const struct ims_scscf *ims_run_core_scscf(const struct ims_run_core *c);
/* As ims_scscf_order. */
int ims_run_core_order(struct ims_run_core *c, enum ims_scscf_order order,
		       struct ims_str who, uint32_t seconds);
/* Packets and bytes of a set of the P-CSCF's; -IMS_E_NOTFOUND. */
int ims_run_core_count(const struct ims_run_core *c, uint32_t set,
		       struct ims_ipsec_count out[static IMS_N_ARROWS]);

#endif
