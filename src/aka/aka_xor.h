/* SPDX-License-Identifier: BSD-2-Clause */
/* aka_xor.h - the test algorithm of test USIMs; inside the module.
 *
 * Spec: TS 34.108 8.1.2.
 */
#ifndef IMS_AKA_XOR_H
#define IMS_AKA_XOR_H

#include "aka_algo.h"

ims_aka_fn ims_aka_xor;

#endif
