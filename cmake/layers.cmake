# varve_layer(NAME FOLDER [LINK ...] [PRECOMPILE HEADER ...]): one target per layer.
#
# A layer's headers are included as "<layer>/header.hpp". The include directory that makes this possible holds one
# link, to the layer's own folder, so a target sees the headers of the layers it links and of no other: an include
# that reaches up does not compile.
function(varve_layer name folder)
  cmake_parse_arguments(ARG "" "" "LINK;PRIVATE_LINK;SOURCES;PRECOMPILE" ${ARGN})
  get_filename_component(layer ${folder} NAME)
  set(view ${CMAKE_BINARY_DIR}/layers/${name})
  file(MAKE_DIRECTORY ${view})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${folder} ${view}/${layer} SYMBOLIC)
  if(NOT ARG_SOURCES)
    file(GLOB_RECURSE ARG_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
  endif()
  add_library(${name} STATIC ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  varve_precompile_if_instrumented(${name} ${ARG_PRECOMPILE})
  target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${view}>)
  target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE $<BUILD_INTERFACE:varve_warnings> ${ARG_PRIVATE_LINK})
endfunction()
