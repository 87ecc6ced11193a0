/* SPDX-License-Identifier: BSD-2-Clause */
/* run_ue.h - a UE with its USIM on a host. */
#ifndef IMS_RUN_UE_H
#define IMS_RUN_UE_H

#include "run.h"
#include "ue.h"

struct ims_run_ue;
/* The UE is not started yet.  The host is made by the caller after this call
 * with `ims_run_ue_up` as its upcalls, and given by attach.  NULL: no memory.
 */
struct ims_run_ue *ims_run_ue_new(const struct ims_ue_conf *conf,
				  const struct ims_card *card,
				  const struct ims_run_env *env);
void ims_run_ue_free(struct ims_run_ue *u); /* not the host */
/* As ims_run_core_kill. */
void ims_run_ue_kill(struct ims_run_ue *u);
/* As ims_run_core_leave. */
int ims_run_ue_leave(struct ims_run_ue *u);
struct ims_host_up ims_run_ue_up(struct ims_run_ue *u);
/* Holds the unprotected port; then what a process before us kept (env.keep)
 * goes on: its SA sets, the registration, and what the SIM has seen of SQN.
 * 0 or what the host says.
 */
int ims_run_ue_attach(struct ims_run_ue *u, struct ims_host *host,
		      struct ims_flaw *why);

/* The UE is at another address now, on this host (the same one, or a new one
 * with `ims_run_ue_up` as its upcalls; the former can then be freed).  Its sets
 * are removed from the former, and it registers anew from the new one.  0 or
 * what the host says, and then all is as it was.
 */
int ims_run_ue_move(struct ims_run_ue *u, struct ims_host *host,
		    struct ims_addr local, struct ims_flaw *why);

/* The AMF that AUTN should carry: another one is traced as a warning. */
void ims_run_ue_expect_amf(struct ims_run_ue *u, const uint8_t amf[static 2]);

/* The same key with OP and OPc exchanged: when the MAC of an AUTN fits only
 * this one, the failure is told as err instead of -IMS_E_AKA_MAC.
 */
void ims_run_ue_suspect(struct ims_run_ue *u, const struct ims_aka_key *key,
			int err);

void ims_run_ue_start(struct ims_run_ue *u);
void ims_run_ue_stop(struct ims_run_ue *u); /* de-registers */
void ims_run_ue_tick(struct ims_run_ue *u);

/* To look at. */
const struct ims_ue *ims_run_ue_role(const struct ims_run_ue *u);
/* Packets and bytes of a set; -IMS_E_NOTFOUND. */
int ims_run_ue_count(const struct ims_run_ue *u, uint32_t set,
		     struct ims_ipsec_count out[static IMS_N_ARROWS]);

#endif
