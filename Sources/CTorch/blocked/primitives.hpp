// The passes of convolutions as oneDNN computes them, each compiled once for its shape.
#pragma once

#include <memory>

#include "blocked/onednn.hpp"
#include "blocked/onednn_library.hpp"

#if HAS_ONEDNN

namespace onednn {

// A pass of one shape, ready to run.
struct Primitive {
  PrimitiveHandle primitive;
  // Between plain weights and the kernel's order; its direction depends on the pass.
  PrimitiveHandle weights_reorder;
  dnnl_memory_desc_t in_description, weights_description, out_description, plain_weights, scratchpad;
};

// Null where oneDNN has no optimized kernel for it.
std::shared_ptr<const Primitive> find_primitive(const Convolution &c, Pass pass, Arithmetic arithmetic);

}  // namespace onednn

#endif
