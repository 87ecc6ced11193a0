/* SPDX-License-Identifier: BSD-2-Clause */
/* crypto_keccak.h - the bare permutation Keccak-f[1600], which TUAK needs.
 *
 * Libraries offer only the hashes built on it.
 *
 * Spec: FIPS 202 3.3, 3.4; TS 35.231.
 */
#ifndef IMS_CRYPTO_KECCAK_H
#define IMS_CRYPTO_KECCAK_H

#include <stdint.h>

/* 24 rounds over the state, which is 25 lanes of 8 bytes, lowest byte first:
 * lane x + 5y is A[x, y].
 */
void ims_crypto_keccak_f(uint8_t state[static 200]);

#endif
