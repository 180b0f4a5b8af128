#include "blocked/onednn.hpp"

#include "blocked/onednn_library.hpp"

#if HAS_ONEDNN

#include <ATen/Parallel.h>

#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <vector>

namespace onednn {
namespace {

using blocks::kLanes;

// A pass of one shape, ready to run.
struct Primitive {
  dnnl_primitive_t primitive = nullptr;
  // Between plain weights and the blocks that the kernel wants; its direction depends on the pass.
  dnnl_primitive_t weights_reorder = nullptr;
  dnnl_memory_desc_t in_description, weights_description, out_description, plain_weights, scratchpad;

  ~Primitive() {
    if (primitive) library().dnnl_primitive_destroy(primitive);
    if (weights_reorder) library().dnnl_primitive_destroy(weights_reorder);
  }
};

dnnl_memory_desc_t describe(std::vector<int64_t> sizes, dnnl_data_type_t type, dnnl_format_tag_t tag) {
  dnnl_memory_desc_t description;
  check(library().dnnl_memory_desc_init_by_tag(&description, static_cast<int>(sizes.size()), sizes.data(),
                                               type, tag),
        "describe a tensor");
  return description;
}

// An image of few channels goes into a convolution as it is.
bool is_plain(const Convolution &c) { return c.in_channels <= 4; }

// What is left of a description once its primitive is made.
struct Description {
  dnnl_primitive_desc_t value = nullptr;
  ~Description() {
    if (value) library().dnnl_primitive_desc_destroy(value);
  }
};

struct Attributes {
  dnnl_primitive_attr_t value = nullptr;
  Attributes() {
    check(library().dnnl_primitive_attr_create(&value), "make attributes");
    // The library's own scratchpad belongs to the thread that made the primitive.
    check(library().dnnl_primitive_attr_set_scratchpad_mode(value, dnnl_scratchpad_mode_user),
          "set the scratchpad's mode");
  }
  ~Attributes() { library().dnnl_primitive_attr_destroy(value); }
};

// Null where oneDNN has no optimized kernel.
std::shared_ptr<const Primitive> make(const Convolution &c, Pass pass, Arithmetic arithmetic) {
  const Library &lib = library();
  const auto type = arithmetic == Arithmetic::bfloat16 ? dnnl_bf16 : dnnl_f32;
  const auto algorithm = arithmetic == Arithmetic::float32_winograd ? dnnl_convolution_winograd
                                                                    : dnnl_convolution_direct;
  const auto x_tag = is_plain(c) && pass != Pass::data ? dnnl_nchw : dnnl_nChw16c;
  // Results are float32 in every arithmetic.
  const auto x = describe({c.batch, c.in_channels, c.in_height, c.in_width},
                          pass == Pass::data ? dnnl_f32 : type, x_tag);
  const auto y = describe({c.batch, c.out_channels, c.out_height, c.out_width},
                          pass == Pass::forward ? dnnl_f32 : type, dnnl_nChw16c);
  const std::vector<int64_t> weight_sizes{c.out_channels, c.in_channels, c.kernel_height, c.kernel_width};
  const auto w = describe(weight_sizes, pass == Pass::weights ? dnnl_f32 : type, dnnl_format_tag_any);
  const dnnl_dims_t strides{c.stride, c.stride};
  const dnnl_dims_t before{c.padding_top, c.padding_left}, after{c.padding_bottom, c.padding_right};

  const Attributes attributes;
  dnnl_convolution_desc_t forward, backward;
  Description hint, found;
  // A gradient needs the forward pass's description as a hint; any kernel will do for that.
  const auto hint_x = describe({c.batch, c.in_channels, c.in_height, c.in_width}, type, dnnl_format_tag_any);
  const auto hint_w = describe(weight_sizes, type, dnnl_format_tag_any);
  const bool is_forward = pass == Pass::forward;
  if (lib.dnnl_convolution_forward_desc_init(&forward, dnnl_forward_training, algorithm,
                                             is_forward ? &x : &hint_x, is_forward ? &w : &hint_w, nullptr, &y, strides, before,
                                             after) != dnnl_success) {
    return nullptr;
  }
  const auto create = [&](Description &result, const void *operation) {
    return lib.dnnl_primitive_desc_create(&result.value, operation, attributes.value, lib.engine,
                                          hint.value) == dnnl_success;
  };
  if (is_forward) {
    if (!create(found, &forward)) return nullptr;
  } else {
    if (!create(hint, &forward)) return nullptr;
    const auto described =
        pass == Pass::data
            ? lib.dnnl_convolution_backward_data_desc_init(&backward, algorithm, &x, &w, &y, strides, before,
                                                           after)
            : lib.dnnl_convolution_backward_weights_desc_init(&backward, algorithm, &x, &w, nullptr, &y,
                                                              strides, before, after);
    if (described != dnnl_success || !create(found, &backward)) return nullptr;
  }
  // The portable kernels are thousands of times slower than libtorch's fallback.
  const char *kernel = nullptr;
  check(lib.dnnl_primitive_desc_query(found.value, dnnl_query_impl_info_str, 0, &kernel), "name a kernel");
  if (std::string(kernel).rfind("jit", 0) != 0 && std::string(kernel).rfind("brg", 0) != 0) return nullptr;

  auto made = std::make_shared<Primitive>();
  const auto query = [&](dnnl_query_t what) {
    return *lib.dnnl_primitive_desc_query_md(found.value, what, 0);
  };
  made->scratchpad = query(dnnl_query_scratchpad_md);
  made->plain_weights = describe(weight_sizes, dnnl_f32, dnnl_oihw);
  const auto *from = &made->plain_weights, *to = &made->weights_description;
  switch (pass) {
    case Pass::forward:
      made->in_description = query(dnnl_query_src_md);
      made->weights_description = query(dnnl_query_weights_md);
      made->out_description = query(dnnl_query_dst_md);
      break;
    case Pass::data:
      made->in_description = query(dnnl_query_diff_dst_md);
      made->weights_description = query(dnnl_query_weights_md);
      made->out_description = query(dnnl_query_diff_src_md);
      break;
    case Pass::weights:
      made->in_description = query(dnnl_query_src_md);
      made->weights_description = query(dnnl_query_diff_weights_md);
      made->out_description = query(dnnl_query_diff_dst_md);
      std::swap(from, to);
      break;
  }
  check(lib.dnnl_primitive_create(&made->primitive, found.value), "make a primitive");
  Description reorder;
  check(lib.dnnl_reorder_primitive_desc_create(&reorder.value, from, lib.engine, to, lib.engine, nullptr),
        "describe a reorder");
  check(lib.dnnl_primitive_create(&made->weights_reorder, reorder.value), "make a reorder");
  return made;
}

// Primitives by shape, so that each is compiled once. It forgets everything when it is full: what it holds
// saves time and changes no result.
class PrimitiveCache {
 public:
  std::shared_ptr<const Primitive> get(const Convolution &c, Pass pass, Arithmetic arithmetic) {
    // Kernels divide their work among the threads there are when they are made.
    const Key key{static_cast<int64_t>(pass), static_cast<int64_t>(arithmetic), at::get_num_threads(),
                  c.batch, c.in_channels, c.in_height, c.in_width, c.out_channels, c.out_height, c.out_width,
                  c.kernel_height, c.kernel_width, c.stride, c.padding_top, c.padding_left, c.padding_bottom,
                  c.padding_right};
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = primitives_.find(key);
    if (found != primitives_.end()) return found->second;
    if (primitives_.size() >= kCapacity) primitives_.clear();
    return primitives_[key] = make(c, pass, arithmetic);
  }

 private:
  using Key = std::vector<int64_t>;
  // A training run has about a hundred shapes; images of every size in one folder have more.
  static constexpr size_t kCapacity = 512;
  std::mutex mutex_;
  std::map<Key, std::shared_ptr<const Primitive>> primitives_;
};

PrimitiveCache &cache() {
  static auto *const made = new PrimitiveCache();
  return *made;
}

std::shared_ptr<const Primitive> primitive_for(const Convolution &c, Pass pass, Arithmetic arithmetic) {
  if (!is_available()) return nullptr;
  auto primitive = cache().get(c, pass, arithmetic);
  if (!primitive && arithmetic == Arithmetic::float32_winograd) {
    primitive = cache().get(c, pass, Arithmetic::float32_direct);
  }
  return primitive;
}

// A tensor's memory, lent to oneDNN.
struct Memory {
  dnnl_memory_t value = nullptr;

  Memory(const at::Tensor &tensor, const dnnl_memory_desc_t &description) {
    TORCH_INTERNAL_ASSERT(tensor.is_contiguous() &&
                          tensor.nbytes() == library().dnnl_memory_desc_get_size(&description));
    check(library().dnnl_memory_create(&value, &description, library().engine, tensor.data_ptr()),
          "lend memory");
  }
  Memory(const Memory &) = delete;
  ~Memory() { library().dnnl_memory_destroy(value); }
};

void execute(dnnl_primitive_t primitive, std::vector<dnnl_exec_arg_t> arguments) {
  struct Stream {
    dnnl_stream_t value = nullptr;
    ~Stream() {
      if (value) library().dnnl_stream_destroy(value);
    }
  } stream;
  check(library().dnnl_stream_create(&stream.value, library().engine, dnnl_stream_default_flags),
        "make a stream");
  check(library().dnnl_primitive_execute(primitive, stream.value, static_cast<int>(arguments.size()),
                                         arguments.data()),
        "run a convolution");
  check(library().dnnl_stream_wait(stream.value), "wait for a convolution");
}

at::Tensor bytes(const dnnl_memory_desc_t &description) {
  const auto size = static_cast<int64_t>(library().dnnl_memory_desc_get_size(&description));
  return at::empty({size}, at::TensorOptions().dtype(at::kByte));
}

// Working memory of a primitive. Each thread keeps its largest up to a bound: it stays in the processor's cache
// from one convolution to the next.
at::Tensor scratchpad(const dnnl_memory_desc_t &description) {
  constexpr int64_t most_kept = 256 << 20;
  thread_local at::Tensor kept;
  const auto size = static_cast<int64_t>(library().dnnl_memory_desc_get_size(&description));
  if (size > most_kept) return bytes(description);
  if (!kept.defined() || kept.numel() < size) {
    kept = at::Tensor();
    kept = bytes(description);
  }
  return kept.narrow(0, 0, size);
}

at::Tensor converted(const at::Tensor &x, const dnnl_memory_desc_t &description) {
  return x.to(description.data_type == dnnl_bf16 ? at::kBFloat16 : at::kFloat).contiguous();
}

at::Tensor empty_blocks(int64_t batch, int64_t channels, int64_t height, int64_t width) {
  return at::empty({batch, (channels + kLanes - 1) / kLanes, height, width, kLanes},
                   at::TensorOptions().dtype(at::kFloat));
}

// The forward and the data pass: an image and weights in, an image out.
at::Tensor convolve(const Primitive &primitive, int in_argument, int out_argument, const at::Tensor &in,
                    const at::Tensor &weight, at::Tensor out) {
  const at::Tensor plain = weight.to(at::kFloat).contiguous();
  const at::Tensor blocked = bytes(primitive.weights_description), scratch = scratchpad(primitive.scratchpad);
  const at::Tensor source = converted(in, primitive.in_description);
  const Memory plain_memory(plain, primitive.plain_weights), scratch_memory(scratch, primitive.scratchpad),
      weights_memory(blocked, primitive.weights_description), in_memory(source, primitive.in_description),
      out_memory(out, primitive.out_description);
  execute(primitive.weights_reorder,
          {{DNNL_ARG_FROM, plain_memory.value}, {DNNL_ARG_TO, weights_memory.value}});
  execute(primitive.primitive, {{in_argument, in_memory.value},
                                {DNNL_ARG_WEIGHTS, weights_memory.value},
                                {out_argument, out_memory.value},
                                {DNNL_ARG_SCRATCHPAD, scratch_memory.value}});
  return out;
}

}  // namespace

const std::string &version() { return library().version; }

bool is_available() { return library().has_isa(dnnl_cpu_isa_avx512_core); }

// The bounds come from timing 3x3 convolutions of 16 to 256 channels on 16x16 to 128x128 pixels, all passes, on
// two cores of a processor with AVX-512 and its bfloat16 instructions (AMD's Zen 4).
Arithmetic fastest(const Convolution &c, Pass pass, bool allow_bfloat16) {
  const bool has_bfloat16 = allow_bfloat16 && library().has_isa(dnnl_cpu_isa_avx512_core_bf16);
  const auto direct = has_bfloat16 ? Arithmetic::bfloat16 : Arithmetic::float32_direct;
  if (c.kernel_height != 3 || c.kernel_width != 3 || c.stride != 1) return direct;
  if (c.in_channels % kLanes != 0 || c.out_channels % kLanes != 0) return direct;
  // Transforming few channels, or few tiles of 4x4 results, costs more than their products.
  const int64_t height = pass == Pass::data ? c.in_height : c.out_height;
  const int64_t width = pass == Pass::data ? c.in_width : c.out_width;
  const int64_t tiles = c.batch * ((height + 3) / 4) * ((width + 3) / 4);
  const int64_t channels = std::min(c.in_channels, c.out_channels);
  const bool is_large = has_bfloat16 ? channels >= 64 && tiles * channels >= 8192
                                     : channels >= 32 && tiles * channels >= 2048;
  if (!is_large) return direct;
  // The data pass handles tiles in groups of equal size; an odd number divides badly.
  if (has_bfloat16 && pass == Pass::data && tiles % 2 == 1) return direct;
  return Arithmetic::float32_winograd;
}

bool has_kernel(const Convolution &c, Pass pass, Arithmetic arithmetic) {
  return is_available() && cache().get(c, pass, arithmetic) != nullptr;
}

at::Tensor forward(const Convolution &c, Arithmetic arithmetic, const at::Tensor &x,
                   const at::Tensor &weight) {
  const auto primitive = primitive_for(c, Pass::forward, arithmetic);
  if (!primitive) return {};
  return convolve(*primitive, DNNL_ARG_SRC, DNNL_ARG_DST, x, weight,
                  empty_blocks(c.batch, c.out_channels, c.out_height, c.out_width));
}

at::Tensor data_gradient(const Convolution &c, Arithmetic arithmetic, const at::Tensor &y_gradient,
                         const at::Tensor &weight) {
  const auto primitive = primitive_for(c, Pass::data, arithmetic);
  if (!primitive) return {};
  return convolve(*primitive, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC, y_gradient, weight,
                  empty_blocks(c.batch, c.in_channels, c.in_height, c.in_width));
}

at::Tensor weight_gradient(const Convolution &c, Arithmetic arithmetic, const at::Tensor &x,
                           const at::Tensor &y_gradient) {
  const auto primitive = primitive_for(c, Pass::weights, arithmetic);
  if (!primitive) return {};
  const at::Tensor source = converted(x, primitive->in_description),
                   slope = converted(y_gradient, primitive->out_description);
  const at::Tensor blocked = bytes(primitive->weights_description), scratch = scratchpad(primitive->scratchpad);
  const at::Tensor result = at::empty({c.out_channels, c.in_channels, c.kernel_height, c.kernel_width},
                                      at::TensorOptions().dtype(at::kFloat));
  const Memory source_memory(source, primitive->in_description), slope_memory(slope, primitive->out_description),
      weights_memory(blocked, primitive->weights_description), scratch_memory(scratch, primitive->scratchpad),
      result_memory(result, primitive->plain_weights);
  execute(primitive->primitive, {{DNNL_ARG_SRC, source_memory.value},
                                 {DNNL_ARG_DIFF_DST, slope_memory.value},
                                 {DNNL_ARG_DIFF_WEIGHTS, weights_memory.value},
                                 {DNNL_ARG_SCRATCHPAD, scratch_memory.value}});
  execute(primitive->weights_reorder,
          {{DNNL_ARG_FROM, weights_memory.value}, {DNNL_ARG_TO, result_memory.value}});
  return result;
}

}  // namespace onednn

#else

namespace onednn {

const std::string &version() {
  static const std::string none;
  return none;
}

bool is_available() { return false; }

bool has_kernel(const Convolution &, Pass, Arithmetic) { return false; }

Arithmetic fastest(const Convolution &, Pass, bool) { return Arithmetic::float32_direct; }

at::Tensor forward(const Convolution &, Arithmetic, const at::Tensor &, const at::Tensor &) { return {}; }

at::Tensor data_gradient(const Convolution &, Arithmetic, const at::Tensor &, const at::Tensor &) {
  return {};
}

at::Tensor weight_gradient(const Convolution &, Arithmetic, const at::Tensor &, const at::Tensor &) {
  return {};
}

}  // namespace onednn

#endif
