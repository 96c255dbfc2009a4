/* Filters brought into panels. */
#include "CKernels.h"

size_t umk_packed_size(size_t outputs, size_t inputs, size_t taps) {
  return (outputs + UMK_PANEL - 1) / UMK_PANEL * UMK_PANEL * inputs * taps;
}

void umk_pack(const float *source, size_t outputs, size_t inputs, size_t taps, ptrdiff_t output_stride,
              ptrdiff_t input_stride, ptrdiff_t tap_stride, float *packed) {
  for (size_t panel = 0; panel < outputs; panel += UMK_PANEL)
    for (size_t t = 0; t < taps; t++)
      for (size_t i = 0; i < inputs; i++)
        for (size_t lane = 0; lane < UMK_PANEL; lane++) {
          ptrdiff_t o = (ptrdiff_t)(panel + lane);
          *packed++ = panel + lane < outputs
                          ? source[o * output_stride + (ptrdiff_t)i * input_stride + (ptrdiff_t)t * tap_stride]
                          : 0;
        }
}
