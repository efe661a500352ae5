#include "api/gufunc_signature.hpp"

#include <cctype>

#include "varve/core/error.hpp"

namespace varve::api {
namespace {

class SignatureParser {
 public:
  explicit SignatureParser(const std::string& text) : text_(text) {}

  GufuncSignature parse() {
    GufuncSignature signature;
    do signature.inputs.push_back(names());
    while (accept(','));
    if (!accept('-') || !accept('>')) fail("expected '->'");
    signature.result = names();
    if (accept(',')) fail("one result is all that a function may have");
    if (at_ != text_.size()) fail("expected the end");
    return signature;
  }

 private:
  GufuncSignature::Names names() {
    GufuncSignature::Names names;
    if (!accept('(')) fail("expected '('");
    if (accept(')')) return names;
    do names.push_back(name());
    while (accept(','));
    if (!accept(')')) fail("expected ',' or ')'");
    return names;
  }

  std::string name() {
    skip_spaces();
    const std::size_t first = at_;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_'))
      ++at_;
    if (at_ == first) fail("expected the name of an axis");
    return text_.substr(first, at_ - first);
  }

  bool accept(char letter) {
    skip_spaces();
    if (at_ == text_.size() || text_[at_] != letter) return false;
    ++at_;
    skip_spaces();
    return true;
  }

  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw ExpressionError("apply_gufunc: signature \"" + text_ + "\", position " + std::to_string(at_) +
                          ": " + what);
  }

  const std::string& text_;
  std::size_t at_ = 0;
};

}  // namespace

GufuncSignature parse_signature(const std::string& text) { return SignatureParser(text).parse(); }

}  // namespace varve::api
