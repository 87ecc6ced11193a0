/* SPDX-License-Identifier: BSD-2-Clause */
/* aka_card.h - a software USIM: challenge in, answer out.
 *
 * The same answers that a real card gives to AUTHENTICATE, so that the UE does
 * not know which one it talks to.
 *
 * Spec: TS 33.102 6.3.3; TS 31.102 7.1.2; TS 34.108 8.1.2.2 (AMF_RESYNCH).
 */
#ifndef IMS_AKA_CARD_H
#define IMS_AKA_CARD_H

#include "aka.h"
#include "aka_sqn.h"

struct ims_card {
	struct ims_aka_key key;
	struct ims_sqn_window window;
};
/* Copies the key; the window starts as that of a new card. */
void ims_card_init(struct ims_card *c, const struct ims_aka_key *key);
void ims_card_wipe(struct ims_card *c);

enum ims_card_verdict {
	IMS_CARD_OK,      /* res, ck, ik */
	IMS_CARD_RESYNC,  /* auts */
	IMS_CARD_BAD_MAC, /* nothing */
	IMS_CARD_FAILED,  /* the card did not answer, or not sensibly */
};
struct ims_card_answer {
	enum ims_card_verdict verdict;
	uint8_t res[IMS_AKA_RES_MAX], res_len, ck[16], ik[16]; /* secret */
	uint8_t auts[14];
};
/* Always gives an answer; IMS_CARD_FAILED only if the algorithm is missing.
 * With the XOR algorithm an AMF of FFFF asks for resynchronisation.
 */
void ims_card_challenge(struct ims_card *c, const uint8_t rnd[static 16],
			const uint8_t autn[static 16],
			struct ims_card_answer *out);

/* Why a MAC fails: does it fit when the stored OPc is taken for an OP?
 * Returns -IMS_E_OP_AS_OPC if so, else -IMS_E_AKA_MAC.
 */
int ims_card_why(const struct ims_card *c, const uint8_t rnd[static 16],
		 const uint8_t autn[static 16]);

#endif
