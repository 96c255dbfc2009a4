/* Blocked products of bf16 weights with activations rounded to bf16, by the dot products of AVX-512 BF16. */
#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "kernel_table.h"
#include "template.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx2,fma,f16c"))), \
                             apply_to = function)

#include "vector_avx512.h"

#define TIMES 12
#include "template_functions.h"
#include "template_rows.h"

#include "words_bf16.h"

static INLINE vfloat multiply_add(vfloat weight, vfloat value, vfloat sum) {
  return _mm512_dpbf16_ps(sum, (__m512bh)weight, (__m512bh)value);
}

#include "template_panel.h"
#include "template_sums.h"
#include "template_blocked.h"

#pragma clang attribute pop

const struct umk_blocked_kernels umk_avx512_bf16_blocked_kernels = BLOCKED_KERNELS;

#endif
