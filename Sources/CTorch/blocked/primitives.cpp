#include "blocked/primitives.hpp"

#if HAS_ONEDNN

#include <ATen/Parallel.h>

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace onednn {
namespace {

dnnl_memory_desc_t describe(std::vector<int64_t> sizes, dnnl_data_type_t type, dnnl_format_tag_t tag) {
  dnnl_memory_desc_t description;
  check(library().dnnl_memory_desc_init_by_tag(&description, static_cast<int>(sizes.size()), sizes.data(), type,
                                               tag),
        "describe a tensor");
  return description;
}

// An image of few channels goes into a convolution as it is.
bool is_plain(const Convolution &c) { return c.in_channels <= 4; }

AttributesHandle attributes() {
  AttributesHandle result;
  check(library().dnnl_primitive_attr_create(result.out()), "make attributes");
  // The library's own scratchpad belongs to the thread that made the primitive.
  check(library().dnnl_primitive_attr_set_scratchpad_mode(result.get(), dnnl_scratchpad_mode_user),
        "set the scratchpad's mode");
  return result;
}

// Null where oneDNN has no optimized kernel.
std::shared_ptr<const Primitive> make(const Convolution &c, Pass pass, Arithmetic arithmetic) {
  const Library &lib = library();
  const auto type = arithmetic == Arithmetic::bfloat16 ? dnnl_bf16 : dnnl_f32;
  const auto algorithm =
      arithmetic == Arithmetic::float32_winograd ? dnnl_convolution_winograd : dnnl_convolution_direct;
  const auto x_tag = is_plain(c) && pass != Pass::data ? dnnl_nchw : dnnl_nChw16c;
  // Results are float32 in every arithmetic.
  const auto x =
      describe({c.batch, c.in_channels, c.in_height, c.in_width}, pass == Pass::data ? dnnl_f32 : type, x_tag);
  const auto y = describe({c.batch, c.out_channels, c.out_height, c.out_width},
                          pass == Pass::forward ? dnnl_f32 : type, dnnl_nChw16c);
  const std::vector<int64_t> weight_sizes{c.out_channels, c.in_channels, c.kernel_height, c.kernel_width};
  const auto w = describe(weight_sizes, pass == Pass::weights ? dnnl_f32 : type, dnnl_format_tag_any);
  const dnnl_dims_t strides{c.stride, c.stride};
  const dnnl_dims_t before{c.padding_top, c.padding_left}, after{c.padding_bottom, c.padding_right};

  const AttributesHandle attributes = onednn::attributes();
  dnnl_convolution_desc_t forward, backward;
  DescriptionHandle hint, found;
  // A gradient needs the forward pass's description as a hint; any kernel will do for that.
  const auto hint_x = describe({c.batch, c.in_channels, c.in_height, c.in_width}, type, dnnl_format_tag_any);
  const auto hint_w = describe(weight_sizes, type, dnnl_format_tag_any);
  const bool is_forward = pass == Pass::forward;
  if (lib.dnnl_convolution_forward_desc_init(&forward, dnnl_forward_training, algorithm,
                                             is_forward ? &x : &hint_x, is_forward ? &w : &hint_w, nullptr, &y,
                                             strides, before, after) != dnnl_success) {
    return nullptr;
  }
  const auto create = [&](DescriptionHandle &result, const void *operation) {
    return lib.dnnl_primitive_desc_create(result.out(), operation, attributes.get(), lib.engine, hint.get()) ==
           dnnl_success;
  };
  if (is_forward) {
    if (!create(found, &forward)) return nullptr;
  } else {
    if (!create(hint, &forward)) return nullptr;
    const auto described = pass == Pass::data
                               ? lib.dnnl_convolution_backward_data_desc_init(&backward, algorithm, &x, &w, &y,
                                                                              strides, before, after)
                               : lib.dnnl_convolution_backward_weights_desc_init(
                                     &backward, algorithm, &x, &w, nullptr, &y, strides, before, after);
    if (described != dnnl_success || !create(found, &backward)) return nullptr;
  }
  // The portable kernels are thousands of times slower than libtorch's fallback.
  const char *kernel = nullptr;
  check(lib.dnnl_primitive_desc_query(found.get(), dnnl_query_impl_info_str, 0, &kernel), "name a kernel");
  if (std::string(kernel).rfind("jit", 0) != 0 && std::string(kernel).rfind("brg", 0) != 0) return nullptr;

  auto made = std::make_shared<Primitive>();
  const auto query = [&](dnnl_query_t what) { return *lib.dnnl_primitive_desc_query_md(found.get(), what, 0); };
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
  check(lib.dnnl_primitive_create(made->primitive.out(), found.get()), "make a primitive");
  DescriptionHandle reorder;
  check(lib.dnnl_reorder_primitive_desc_create(reorder.out(), from, lib.engine, to, lib.engine, nullptr),
        "describe a reorder");
  check(lib.dnnl_primitive_create(made->weights_reorder.out(), reorder.get()), "make a reorder");
  return made;
}

// Primitives by shape, so that each is compiled once. It forgets everything when it is full: what it holds
// saves time and changes no result.
class PrimitiveCache {
 public:
  std::shared_ptr<const Primitive> get(const Convolution &c, Pass pass, Arithmetic arithmetic) {
    // Kernels divide their work among the threads there are when they are made.
    const Key key{static_cast<int64_t>(pass),
                  static_cast<int64_t>(arithmetic),
                  at::get_num_threads(),
                  c.batch,
                  c.in_channels,
                  c.in_height,
                  c.in_width,
                  c.out_channels,
                  c.out_height,
                  c.out_width,
                  c.kernel_height,
                  c.kernel_width,
                  c.stride,
                  c.padding_top,
                  c.padding_left,
                  c.padding_bottom,
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

}  // namespace

std::shared_ptr<const Primitive> find_primitive(const Convolution &c, Pass pass, Arithmetic arithmetic) {
  return is_available() ? cache().get(c, pass, arithmetic) : nullptr;
}

}  // namespace onednn

#endif
