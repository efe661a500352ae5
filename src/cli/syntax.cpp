#include "cli/syntax.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <tao/pegtl.hpp>

#include "cli/located_error.hpp"
#include "cli/number_literal.hpp"
#include "cli/remedies.hpp"
#include "cli/tree_builder.hpp"

namespace varve::cli {
namespace {

constexpr std::array<std::string_view, 12> kReserved = {"and",  "or",  "not",    "in",   "is",   "if",
                                                        "else", "for", "lambda", "None", "True", "False"};
constexpr std::size_t kOperatorWords =
    5;  // the first of them are operators of Python that arrays do not have

bool is_operator_word(std::string_view word) {
  return std::find(kReserved.begin(), kReserved.begin() + kOperatorWords, word) !=
         kReserved.begin() + kOperatorWords;
}

// The grammar. A rule that may fail does so before any event reached the tree builder: `Expression` looks at
// one character before it starts, and after an opening bracket everything must match.
namespace grammar {

using namespace tao::pegtl;  // NOLINT: the vocabulary of the rules below

struct Blank : star<space> {};
struct Expression;

struct WordEnd : not_at<identifier_other> {};
struct Digits : seq<digit, star<opt<one<'_'>>, digit>> {};
struct Exponent : seq<one<'e', 'E'>, opt<one<'+', '-'>>, Digits> {};
struct Fraction : seq<one<'.'>, opt<Digits>> {};
struct Decimal
    : seq<sor<seq<Digits, opt<Fraction>>, seq<one<'.'>, Digits>>, opt<Exponent>, opt<one<'j', 'J'>>> {};
template <char Lower, char Upper, class Digit>
struct Based : seq<one<'0'>, one<Lower, Upper>, plus<opt<one<'_'>>, Digit>> {};
struct NumberText
    : sor<Based<'x', 'X', xdigit>, Based<'o', 'O', odigit>, Based<'b', 'B', one<'0', '1'>>, Decimal> {};
struct Number : seq<at<sor<digit, seq<one<'.'>, digit>>>, NumberText, must<WordEnd>> {};

template <char Quote>
struct Quoted : if_must<one<Quote>, star<not_one<Quote, '\\', '\n', '\r'>>, one<Quote>> {};
struct String : sor<Quoted<'\''>, Quoted<'"'>> {};

struct Word : identifier {};
struct DotsMark : string<'.', '.', '.'> {};
struct Comma : one<','> {};
struct Colon : one<':'> {};

struct Element : seq<Expression> {};
template <class Item>
struct Items : seq<Item, star<Comma, Blank, Item>, opt<Comma, Blank>> {};

struct GroupOpen : one<'('> {};
struct GroupClose : one<')'> {};
struct Group : if_must<GroupOpen, Blank, opt<Items<Element>>, GroupClose> {};

struct ListOpen : one<'['> {};
struct ListClose : one<']'> {};
struct List : if_must<ListOpen, Blank, opt<Items<Element>>, ListClose> {};

struct Keyword : seq<identifier, Blank, one<'='>, not_at<one<'='>>> {};
struct ArgumentItem : sor<if_must<Keyword, Blank, Expression>, Expression> {};
struct CallOpen : one<'('> {};
struct CallClose : one<')'> {};
struct Call : if_must<CallOpen, Blank, opt<Items<ArgumentItem>>, CallClose> {};

struct SliceTail : seq<Colon, Blank, opt<Expression>, opt<Colon, Blank, opt<Expression>>> {};
struct SubscriptItem : sor<seq<Expression, opt<SliceTail>>, SliceTail> {};
struct SubscriptOpen : one<'['> {};
struct SubscriptClose : one<']'> {};
struct Subscript : if_must<SubscriptOpen, Blank, Items<SubscriptItem>, SubscriptClose> {};

struct AttributeName : identifier {};
struct Attribute : if_must<one<'.'>, Blank, AttributeName> {};

struct Atom : sor<Number, String, Word, DotsMark, Group, List> {};
struct Postfix : seq<sor<Call, Subscript, Attribute>, Blank> {};
struct Sign : one<'-', '+', '~'> {};
struct Operand : seq<star<Sign, Blank>, must<Atom>, Blank, star<Postfix>> {};
struct BinarySymbol : sor<string<'*', '*'>, string<'/', '/'>, string<'<', '<'>, string<'>', '>'>,
                          string<'<', '='>, string<'>', '='>, string<'=', '='>, string<'!', '='>,
                          one<'*', '@', '/', '%', '+', '-', '&', '^', '|', '<', '>'>> {};
struct OperandStart : sor<alnum, one<'_', '.', '\'', '"', '(', '[', '-', '+', '~'>> {};
struct Expression
    : seq<at<OperandStart>, Operand, star<BinarySymbol, Blank, must<at<OperandStart>, Operand>>> {};
struct Text : must<Blank, Items<Element>, eof> {};

}  // namespace grammar

// What the text must be after an error, for the message.
template <class Rule>
inline constexpr std::string_view kExpected = "a value";
template <>
inline constexpr std::string_view kExpected<grammar::GroupClose> = "',' or ')'";
template <>
inline constexpr std::string_view kExpected<grammar::CallClose> = "',' or ')'";
template <>
inline constexpr std::string_view kExpected<grammar::ListClose> = "',' or ']'";
template <>
inline constexpr std::string_view kExpected<grammar::SubscriptClose> = "',', ':' or ']'";
template <>
inline constexpr std::string_view kExpected<grammar::AttributeName> = "a name after '.'";
template <>
inline constexpr std::string_view kExpected<grammar::WordEnd> = "a number in Python's spelling";
template <>
inline constexpr std::string_view kExpected<grammar::one<'\''>> = "a closing ' (without escapes)";
template <>
inline constexpr std::string_view kExpected<grammar::one<'"'>> = "a closing \" (without escapes)";
template <>
inline constexpr std::string_view kExpected<grammar::eof> = "an operator or the end";

std::string found(std::string_view before, std::string_view rest) {
  if (rest.empty()) return "found the end";
  std::size_t length = 0;
  while (length < rest.size() && tao::pegtl::identifier_other::test(rest[length])) ++length;
  const std::string word(rest.substr(0, std::min<std::size_t>(length, 40)));
  if (is_operator_word(word)) return "found '" + word + "'; for arrays write & | ~ and ==, with parentheses";
  if (word == "if" || word == "else")
    return "found '" + word + "'; for arrays write where(condition, x1, x2)";
  if (!word.empty()) return "found '" + word + "'";
  const auto first = static_cast<unsigned char>(rest[0]);
  if (rest[0] == '=') return "found '='; write == to compare";
  const std::string what = first < 0x20 || first >= 0x7F ? "a character that expressions do not use"
                                                         : "'" + std::string(1, rest[0]) + "'";
  return "found " + what + remedy_for_syntax(before, rest);
}

bool closes_bracket(std::string_view expected) { return expected.find("',") == 0; }

// Turns the failure of a rule that must match into a LocatedError.
template <class Rule>
struct Control : tao::pegtl::normal<Rule> {
  template <class Input>
  [[noreturn]] static void raise(const Input& in, const TreeBuilder& tree) {
    const std::string_view rest(in.current(), static_cast<std::size_t>(in.end() - in.current()));
    if (rest.empty() && closes_bracket(kExpected<Rule>)) {
      throw LocatedError(tree.opened_at(), "this bracket is never closed");
    }
    throw LocatedError(in.current() - in.begin(),
                       "expected " + std::string(kExpected<Rule>) + ", " +
                           found({in.begin(), static_cast<std::size_t>(in.current() - in.begin())}, rest));
  }
};

// Actions. Each gets the matched text with its position.
template <class Input>
std::int64_t position_of(const Input& in) {
  return in.begin() - in.input().begin();
}

template <class Rule>
struct Action {};

template <>
struct Action<grammar::Number> {
  template <class Input>
  static void apply(const Input& in, TreeBuilder& tree) {
    try {
      tree.operand(position_of(in), NumberLiteral{read_number(in.string_view())});
    } catch (const LocatedError&) {
      throw;
    } catch (const ExpressionError& error) {
      throw LocatedError(position_of(in), error.what());
    }
  }
};
template <>
struct Action<grammar::String> {
  template <class Input>
  static void apply(const Input& in, TreeBuilder& tree) {
    tree.operand(position_of(in), StringLiteral{std::string(in.begin() + 1, in.end() - 1)});
  }
};
template <>
struct Action<grammar::Word> {
  template <class Input>
  static void apply(const Input& in, TreeBuilder& tree) {
    if (is_operator_word(in.string_view()) || in.string_view() == "lambda") {
      throw LocatedError(position_of(in), "expected a value, " + found("", in.string_view()));
    }
    tree.operand(position_of(in), Name{in.string()});
  }
};
template <>
struct Action<grammar::DotsMark> {
  template <class Input>
  static void apply(const Input& in, TreeBuilder& tree) {
    tree.operand(position_of(in), Dots{});
  }
};
template <>
struct Action<grammar::Sign> {
  template <class Input>
  static void apply(const Input& in, TreeBuilder& tree) {
    tree.prefix(position_of(in), find_operator(kPrefixOperators, in.string_view()));
  }
};
template <>
struct Action<grammar::BinarySymbol> {
  template <class Input>
  static void apply(const Input& in, TreeBuilder& tree) {
    tree.binary(position_of(in), find_operator(kBinaryOperators, in.string_view()));
  }
};
template <>
struct Action<grammar::AttributeName> {
  template <class Input>
  static void apply(const Input& in, TreeBuilder& tree) {
    tree.attribute(position_of(in), in.string());
  }
};
template <>
struct Action<grammar::Keyword> {
  template <class Input>
  static void apply(const Input& in, TreeBuilder& tree) {
    const std::string_view text = in.string_view();
    tree.keyword(position_of(in), std::string(text.substr(0, text.find_first_of(" \t\n\v\f\r="))));
  }
};

template <Bracket Kind>
struct Opens {
  template <class Input>
  static void apply(const Input& in, TreeBuilder& tree) {
    tree.open(position_of(in), Kind);
  }
};
struct Closes {
  static void apply0(TreeBuilder& tree) { tree.close(); }
};
struct EndsItem {
  static void apply0(TreeBuilder& tree) { tree.end_item(); }
};
template <>
struct Action<grammar::GroupOpen> : Opens<Bracket::group> {};
template <>
struct Action<grammar::ListOpen> : Opens<Bracket::list> {};
template <>
struct Action<grammar::CallOpen> : Opens<Bracket::call> {};
template <>
struct Action<grammar::SubscriptOpen> : Opens<Bracket::subscript> {};
template <>
struct Action<grammar::GroupClose> : Closes {};
template <>
struct Action<grammar::ListClose> : Closes {};
template <>
struct Action<grammar::CallClose> : Closes {};
template <>
struct Action<grammar::SubscriptClose> : Closes {};
template <>
struct Action<grammar::Element> : EndsItem {};
template <>
struct Action<grammar::ArgumentItem> : EndsItem {};
template <>
struct Action<grammar::SubscriptItem> : EndsItem {};
template <>
struct Action<grammar::Expression> {
  static void apply0(TreeBuilder& tree) { tree.end_expression(); }
};
template <>
struct Action<grammar::Colon> {
  static void apply0(TreeBuilder& tree) { tree.colon(); }
};
template <>
struct Action<grammar::Comma> {
  static void apply0(TreeBuilder& tree) { tree.comma(); }
};

}  // namespace

ExpressionPtr parse(std::string_view text) {
  tao::pegtl::memory_input<tao::pegtl::tracking_mode::lazy> input(text.data(), text.data() + text.size(), "");
  TreeBuilder tree;
  try {
    tao::pegtl::parse<grammar::Text, Action, Control>(input, tree);
    return tree.finish();
  } catch (const LocatedError& error) {
    throw ExpressionError(with_caret(error.what(), text, error.position()));
  }
}

bool is_identifier(std::string_view word) noexcept {
  if (std::find(kReserved.begin(), kReserved.end(), word) != kReserved.end()) return false;
  if (word.empty() || !tao::pegtl::identifier_first::test(word[0])) return false;
  return std::all_of(word.begin(), word.end(), [](char c) { return tao::pegtl::identifier_other::test(c); });
}

}  // namespace varve::cli
