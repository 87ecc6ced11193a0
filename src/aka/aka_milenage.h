/* SPDX-License-Identifier: BSD-2-Clause */
/* aka_milenage.h - Milenage over AES-128; inside the module.
 *
 * Spec: TS 35.206.
 */
#ifndef IMS_AKA_MILENAGE_H
#define IMS_AKA_MILENAGE_H

#include "aka_algo.h"

ims_aka_fn ims_aka_milenage;
/* OPc = OP ^ E_K(OP); opc may be op.  0 or -IMS_E_ALGO. */
int ims_aka_milenage_opc(const uint8_t k[static 16],
			 const uint8_t op[static 16], uint8_t opc[static 16]);

#endif
